#include "cli/load_stats.h"

#include <algorithm>

namespace xtrace::cli {

namespace {

bool is_slower(const SlowRequest& a, const SlowRequest& b) {
  return a.total != b.total ? a.total > b.total : a.number < b.number;
}

bool counts_from_intended_start(std::size_t metric) {
  return metric == static_cast<std::size_t>(Metric::total) ||
         metric == static_cast<std::size_t>(Metric::ttfb);
}

Duration pick(const LatencyHistogram& histogram, Statistic statistic) {
  switch (statistic) {
    case Statistic::min:
      return histogram.min();
    case Statistic::p50:
      return histogram.percentile(50);
    case Statistic::p90:
      return histogram.percentile(90);
    case Statistic::p95:
      return histogram.percentile(95);
    case Statistic::p99:
      return histogram.percentile(99);
    case Statistic::mean:
      return histogram.mean();
    case Statistic::none:
    case Statistic::max:
      break;
  }
  return histogram.max();
}

}  // namespace

void LoadStats::add(const LoadSample& sample) {
  latest_ = std::max(latest_, sample.late);
  if (sample.exchange.error) {
    ++failed_;
    return add_error(*sample.exchange.error);
  }
  const bool warm = is_warm(sample.exchange);
  const Measured measured = measure(sample.exchange);
  for (std::size_t i = 0; i < kMetricCount; ++i) {
    if (!measured[i]) continue;
    const Duration late = counts_from_intended_start(i) ? sample.late + sample.before : Duration{};
    histograms_[i][warm ? 1 : 0].add(*measured[i] + late);
  }
  ++answered_;
  if (!warm) ++cold_;
  body_bytes_ += sample.exchange.timeline.response_body_bytes;
  const int status = sample.exchange.response ? sample.exchange.response->status : 0;
  const int slot = status - kFirstStatus;
  if (slot >= 0 && slot < static_cast<int>(kStatuses)) ++statuses_[static_cast<std::size_t>(slot)];
  const Duration total =
      *measured[static_cast<std::size_t>(Metric::total)] + sample.late + sample.before;
  add_slow({.total = total,
            .number = sample.number,
            .trace_id = sample.trace_id,
            .status = status,
            .is_warm = warm});
}

void LoadStats::add_error(const Error& error) {
  const auto is_alike = [&error](const ErrorCount& known) {
    return known.code == error.code && known.phase == error.phase;
  };
  const auto known = std::ranges::find_if(errors_, is_alike);
  if (known != errors_.end()) {
    ++known->count;
  } else {
    errors_.push_back(
        {.code = error.code, .phase = error.phase, .count = 1, .message = error.message});
  }
}

void LoadStats::add_slow(const SlowRequest& request) {
  auto* const begin = slowest_.begin();
  if (slow_count_ < kSlowest) {
    slowest_[slow_count_++] = request;
    std::push_heap(begin, begin + slow_count_, is_slower);
  } else if (is_slower(request, slowest_.front())) {
    std::pop_heap(begin, slowest_.end(), is_slower);
    slowest_.back() = request;
    std::push_heap(begin, slowest_.end(), is_slower);
  }
}

LatencyHistogram LoadStats::of(Metric metric) const {
  LatencyHistogram both = of(metric, false);
  both.merge(of(metric, true));
  return both;
}

std::vector<std::pair<int, std::uint64_t>> LoadStats::statuses() const {
  std::vector<std::pair<int, std::uint64_t>> list;
  for (std::size_t i = 0; i < kStatuses; ++i) {
    if (statuses_[i] > 0) list.emplace_back(static_cast<int>(i) + kFirstStatus, statuses_[i]);
  }
  return list;
}

std::vector<ErrorCount> LoadStats::errors() const {
  std::vector<ErrorCount> list = errors_;
  std::ranges::stable_sort(list, std::ranges::greater{}, &ErrorCount::count);
  return list;
}

std::vector<SlowRequest> LoadStats::slowest() const {
  std::vector<SlowRequest> list(slowest_.begin(), slowest_.begin() + slow_count_);
  std::ranges::sort(list, is_slower);
  return list;
}

std::vector<SloResult> LoadStats::judge(const std::vector<SloGoal>& goals) const {
  std::vector<SloResult> results;
  for (const SloGoal& goal : goals) {
    const LatencyHistogram histogram = of(goal.metric);
    const bool must_happen = goal.metric == Metric::total || goal.metric == Metric::ttfb;
    SloResult result{.key = goal.key,
                     .stat = std::string(to_string(goal.statistic)),
                     .value = pick(histogram, goal.statistic),
                     .limit = goal.limit,
                     .ok = true,
                     .happened = histogram.count() > 0};
    result.ok = result.value <= goal.limit && (result.happened || !must_happen);
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace xtrace::cli
