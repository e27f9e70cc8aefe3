#include "cli/metric.h"

#include <algorithm>
#include <string>

namespace xtrace::cli {

namespace {

constexpr std::array<std::string_view, kMetricCount> kNames = {
    "queue", "dns_wait", "dns",      "dial", "connect", "proxy",
    "tls",   "request",  "response", "body", "total",   "ttfb"};

constexpr std::array<Phase, 9> kPhases = {Phase::queue,   Phase::dns_wait, Phase::dns,
                                          Phase::connect, Phase::proxy,    Phase::tls,
                                          Phase::request, Phase::response, Phase::body};
constexpr std::array<Metric, 9> kPhaseMetrics = {Metric::queue,   Metric::dns_wait, Metric::dns,
                                                 Metric::connect, Metric::proxy,    Metric::tls,
                                                 Metric::request, Metric::response, Metric::body};

void add(Measured& measured, Metric metric, Duration length) {
  std::optional<Duration>& sum = measured[static_cast<std::size_t>(metric)];
  sum = sum.value_or(Duration{}) + length;
}

void add_phases(Measured& measured, const Timeline& timeline) {
  for (std::size_t i = 0; i < kPhases.size(); ++i) {
    const Span* span = timeline.find(kPhases[i]);
    if (span != nullptr) add(measured, kPhaseMetrics[i], span->length());
  }
  if (timeline.dial_count == 0) return;
  if (const auto dialling = timeline.dialling()) add(measured, Metric::dial, dialling->length());
}

/// What is counted from the start of the call on.
void add_ends(Measured& measured, Tick began, const Timeline& last) {
  const Duration before = last.started.tick - began;
  add(measured, Metric::total, before + last.total);
  if (const auto first_byte = last.time_to_first_byte()) {
    add(measured, Metric::ttfb, before + *first_byte);
  }
}

}  // namespace

std::string_view to_string(Metric metric) {
  return kNames[static_cast<std::size_t>(metric)];
}

std::optional<Metric> find_metric(std::string_view name) {
  if (name == "tcp") return Metric::dial;
  if (name == "wait") return Metric::response;
  const auto* found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Metric>(found - kNames.begin());
}

std::string metric_names() {
  std::string list;
  for (std::size_t i = 0; i < kMetricCount; ++i) {
    if (i != 0) list += i + 1 == kMetricCount ? " or " : ", ";
    list += kNames[i];
  }
  return list;
}

Measured measure(const Exchange& exchange) {
  Measured measured{};
  for (const PastAttempt& past : exchange.past) add_phases(measured, past.timeline);
  add_phases(measured, exchange.timeline);
  add_ends(measured, begin_of(exchange).tick, exchange.timeline);
  return measured;
}

Measured measure(std::span<const Timeline* const> timelines) {
  Measured measured{};
  if (timelines.empty()) return measured;
  for (const Timeline* timeline : timelines) add_phases(measured, *timeline);
  add_ends(measured, timelines.front()->started.tick, *timelines.back());
  return measured;
}

bool is_warm(const Exchange& exchange) {
  const auto is_reused = [](const PastAttempt& past) { return past.timeline.reused; };
  return exchange.timeline.reused && std::ranges::all_of(exchange.past, is_reused);
}

TimePoint begin_of(const Exchange& exchange) {
  return exchange.past.empty() ? exchange.timeline.started : exchange.past.front().timeline.started;
}

}  // namespace xtrace::cli
