#pragma once

/// What a run measures of every request, and what an SLO may be about: each phase, the total, and
/// the time to the first byte.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <xtrace/client.h>
#include <xtrace/clock.h>

namespace xtrace::cli {

enum class Metric : std::uint8_t {
  queue,
  dns_wait,
  dns,
  dial,
  connect,
  proxy,
  tls,
  request,
  response,
  body,
  total,
  ttfb
};
inline constexpr std::size_t kMetricCount = 12;

/// The name in JSON: the phase's, `total` or `ttfb`.
std::string_view to_string(Metric metric);

/// By that name, or by what the picture calls it: `tcp` is `dial`, `wait` is `response`.
std::optional<Metric> find_metric(std::string_view name);

/// `queue, dns_wait, ... or ttfb`, for messages.
std::string metric_names();

/// What one exchange took, by `Metric`; unset where it did not happen. Over redirects and a repeat
/// on a new connection the phases of all physical requests are added up.
using Measured = std::array<std::optional<Duration>, kMetricCount>;
Measured measure(const Exchange& exchange);
/// The same of the timelines of a call, in their order.
Measured measure(std::span<const Timeline* const> timelines);

/// Whether every physical request of the call found an open connection.
bool is_warm(const Exchange& exchange);

/// When the first physical request began.
TimePoint begin_of(const Exchange& exchange);

}  // namespace xtrace::cli
