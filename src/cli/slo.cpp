#include "cli/slo.h"

#include <algorithm>
#include <array>
#include <utility>

#include "cli/option_values.h"

namespace xtrace::cli {

namespace {

constexpr std::array<std::string_view, 8> kStatistics = {"",    "min", "p50", "p90",
                                                         "p95", "p99", "max", "mean"};

Error bad_goal(std::string_view goal, std::string_view reason) {
  return {Error::Code::invalid_config, Phase::none,
          "\"" + std::string(goal) + "\" " + std::string(reason)};
}

Expected<SloGoal> parse_goal(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) {
    return bad_goal(text, "is not KEY=TIME or KEY.STAT=TIME, as in ttfb.p95=200ms");
  }
  const std::string_view name = text.substr(0, equals);
  const auto dot = name.find('.');
  SloGoal goal;
  goal.key = name.substr(0, dot);
  const auto metric = find_metric(goal.key);
  if (!metric) return bad_goal(goal.key, "is not one of " + metric_names());
  goal.metric = *metric;
  if (dot != std::string_view::npos) {
    const std::string_view word = name.substr(dot + 1);
    const auto* found = std::find(kStatistics.begin() + 1, kStatistics.end(), word);
    if (found == kStatistics.end()) {
      return bad_goal(word, "is not one of min, p50, p90, p95, p99, max or mean");
    }
    goal.statistic = static_cast<Statistic>(found - kStatistics.begin());
  }
  auto limit = parse_duration(text.substr(equals + 1));
  if (const auto* error = limit.if_error()) return *error;
  if (*limit == Duration{}) return bad_goal(text, "leaves no time at all");
  goal.limit = *limit;
  return goal;
}

}  // namespace

std::string_view to_string(Statistic statistic) {
  return kStatistics[static_cast<std::size_t>(statistic)];
}

Expected<std::vector<SloGoal>> parse_slo(std::string_view text) {
  std::vector<SloGoal> goals;
  while (true) {
    const auto comma = text.find(',');
    auto goal = parse_goal(text.substr(0, comma));
    if (const auto* error = goal.if_error()) return *error;
    goals.push_back(std::move(goal).value());
    if (comma == std::string_view::npos) return goals;
    text.remove_prefix(comma + 1);
  }
}

std::vector<SloResult> judge_slo(const std::vector<SloGoal>& goals, const Exchange& exchange,
                                 Duration before) {
  Measured measured = measure(exchange);
  for (const Metric metric : {Metric::total, Metric::ttfb}) {
    auto& value = measured[static_cast<std::size_t>(metric)];
    if (value) *value += before;
  }
  std::vector<SloResult> results;
  for (const SloGoal& goal : goals) {
    const auto& value = measured[static_cast<std::size_t>(goal.metric)];
    const bool must_happen = goal.metric == Metric::total || goal.metric == Metric::ttfb;
    SloResult result{.key = goal.key,
                     .stat = std::string(to_string(goal.statistic)),
                     .value = value.value_or(Duration{}),
                     .limit = goal.limit,
                     .ok = true,
                     .happened = value.has_value()};
    result.ok = result.value <= goal.limit && !(must_happen && exchange.error);
    results.push_back(std::move(result));
  }
  return results;
}

bool is_any_violated(const std::vector<SloResult>& results) {
  return std::ranges::any_of(results, [](const SloResult& result) { return !result.ok; });
}

}  // namespace xtrace::cli
