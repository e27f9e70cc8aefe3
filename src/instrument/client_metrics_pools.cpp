#include "instrument/client_metrics_pools.h"

#include <span>
#include <utility>

#include "instrument/client_metrics_pool_list.h"

namespace xtrace {

namespace {

constexpr std::string_view kForgotten = "forgotten";

struct PoolGauge {
  const MetricInfo* info;
  std::size_t PoolCounts::*member;
  std::string_view state;  // of connections
};

constexpr std::array kPoolGauges{
    PoolGauge{&metric::kPoolConnections, &PoolCounts::idle, "idle"},
    PoolGauge{&metric::kPoolConnections, &PoolCounts::active, "active"},
    PoolGauge{&metric::kPoolConnections, &PoolCounts::connecting, "connecting"},
    PoolGauge{&metric::kPoolWaiting, &PoolCounts::waiting, {}},
    PoolGauge{&metric::kPoolLimit, &PoolCounts::limit, {}},
};

struct PoolCounter {
  const MetricInfo* info;
  std::uint64_t PoolCounts::*member;
};

constexpr std::array kPoolCounters{
    PoolCounter{&metric::kPoolOpened, &PoolCounts::opened},
    PoolCounter{&metric::kPoolFailed, &PoolCounts::failed},
    PoolCounter{&metric::kPoolReused, &PoolCounts::reused},
    PoolCounter{&metric::kPoolStaleRetries, &PoolCounts::stale_retries},
    PoolCounter{&metric::kPoolWaits, &PoolCounts::waits},
    PoolCounter{&metric::kPoolWaitTimeouts, &PoolCounts::wait_timeouts},
    PoolCounter{&metric::kPoolRejected, &PoolCounts::rejected},
};

std::uint64_t sum_at(const PoolCounts& counts, std::size_t index) {
  return index < kPoolCounters.size() ? counts.*kPoolCounters[index].member
                                      : counts.closed[index - kPoolCounters.size()];
}

}  // namespace

void PoolMetrics::collect(const PoolStats& stats) {
  PoolSeries& pool = pool_of(stats);
  pool.limit->record(static_cast<double>(stats.total.limit));
  Growth told{};
  for (const AddressStats& address : stats.addresses) {
    const Growth growth = collect_address(pool, {stats.name, address.address}, address.counts);
    for (std::size_t i = 0; i < kSums; ++i) told[i] += growth[i];
  }
  collect_forgotten(pool, stats.name, stats.total, told);
  forget_unseen(pool);
}

PoolMetrics::PoolSeries& PoolMetrics::pool_of(const PoolStats& stats) {
  const auto found = pools_.find(stats.name);
  if (found != pools_.end()) return found->second;
  PoolSeries& made = pools_[stats.name];
  const MetricTag tag{"pool", stats.name};
  made.limit = &sink_.series(metric::kPoolTotalLimit, {&tag, 1});
  return made;
}

PoolMetrics::AddressSeries& PoolMetrics::address_of(PoolSeries& pool, const Names& names) {
  static_assert(kPoolGauges.size() == kGauges && kPoolCounters.size() == kCounters);
  const auto found = pool.addresses.find(names.address);
  if (found != pool.addresses.end()) return found->second;
  AddressSeries& made = pool.addresses[std::string(names.address)];
  for (std::size_t i = 0; i < kGauges; ++i) {
    const PoolGauge& gauge = kPoolGauges[i];
    const MetricTag tags[] = {
        {"pool", names.pool}, {"address", names.address}, {"state", gauge.state}};
    made.gauges[i] = &sink_.series(*gauge.info, std::span(tags).first(gauge.state.empty() ? 2 : 3));
  }
  return made;
}

PoolMetrics::Growth PoolMetrics::collect_address(PoolSeries& pool, const Names& names,
                                                 const PoolCounts& counts) {
  AddressSeries& series = address_of(pool, names);
  series.is_seen = true;
  for (std::size_t i = 0; i < kGauges; ++i)
    series.gauges[i]->record(static_cast<double>(counts.*kPoolGauges[i].member));
  Growth growth{};
  for (std::size_t i = 0; i < kSums; ++i) {
    const std::uint64_t sum = sum_at(counts, i);
    // Those by reason are many, and most never happen.
    if (!series.sums[i].has_series() && (sum > 0 || i < kCounters))
      series.sums[i] = GrowingSum(counter_of(i, names));
    growth[i] = series.sums[i].take(sum);
  }
  return growth;
}

void PoolMetrics::collect_forgotten(PoolSeries& pool, std::string_view name,
                                    const PoolCounts& total, const Growth& told) {
  for (std::size_t i = 0; i < kSums; ++i) {
    const std::uint64_t growth = pool.total[i].take(sum_at(total, i));
    if (growth > told[i])
      counter_of(i, {name, kForgotten}).record(static_cast<double>(growth - told[i]));
  }
}

// A gauge stays at its last value: at nothing.
void PoolMetrics::forget_unseen(PoolSeries& pool) {
  for (auto address = pool.addresses.begin(); address != pool.addresses.end();) {
    if (std::exchange(address->second.is_seen, false)) {
      ++address;
      continue;
    }
    for (MetricSeries* gauge : address->second.gauges) gauge->record(0);
    address = pool.addresses.erase(address);
  }
}

MetricSeries& PoolMetrics::counter_of(std::size_t index, const Names& names) {
  const bool has_reason = index >= kCounters;
  const std::string_view reason =
      has_reason ? to_string(static_cast<CloseReason>(index - kCounters)) : std::string_view();
  const MetricTag tags[] = {{"pool", names.pool}, {"address", names.address}, {"reason", reason}};
  return sink_.series(has_reason ? metric::kPoolClosed : *kPoolCounters[index].info,
                      std::span(tags).first(has_reason ? 3 : 2));
}

}  // namespace xtrace
