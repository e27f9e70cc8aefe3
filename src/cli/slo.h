#pragma once

/// `--slo`: limits that a request, or the requests of a run, must keep.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/client.h>
#include <xtrace/clock.h>
#include <xtrace/expected.h>

#include "cli/metric.h"

namespace xtrace::cli {

/// What of many requests is compared; `none` for a goal that names no statistic.
enum class Statistic : std::uint8_t { none, min, p50, p90, p95, p99, max, mean };

/// `min`, `p50`, ...; empty for `none`.
std::string_view to_string(Statistic statistic);

/// One `KEY[.STAT]=VALUE`.
struct SloGoal {
  Metric metric = Metric::total;
  std::string key{};  ///< As given: `wait` where `response` could stand.
  Statistic statistic = Statistic::none;
  Duration limit{};
};

/// What a goal came to.
struct SloResult {
  std::string key{};
  std::string stat{};  ///< Empty where the goal has none.
  Duration value{};
  Duration limit{};
  bool ok = true;
  bool happened = true;  ///< False where nothing was measured; `value` then means nothing.
};

/// `KEY[.STAT]=VALUE[,...]`. Fails with `invalid_config`, without the flag's name in the message.
Expected<std::vector<SloGoal>> parse_slo(std::string_view text);

/// The goals held against one exchange, whose every statistic is its own value. A phase that did
/// not happen keeps its goal; where the request failed, total and ttfb do not. `before` is what
/// they have to count that came before the exchange: earlier attempts.
std::vector<SloResult> judge_slo(const std::vector<SloGoal>& goals, const Exchange& exchange,
                                 Duration before = {});

bool is_any_violated(const std::vector<SloResult>& results);

}  // namespace xtrace::cli
