#include <array>
#include <deque>
#include <string>

#include <doctest/doctest.h>

#include <xtrace/client_metrics.h>

#include "client_metrics_literals.h"
#include "support/count_allocations.h"

namespace xtrace::testing::client_metrics_allocation_test {
namespace {

/// Adds up, so that only what records allocates.
class AddingSink final : public MetricsSink {
 public:
  MetricSeries& series(const MetricInfo&, std::span<const MetricTag>) override {
    ++lookups;
    return all_.emplace_back();
  }
  double sum() const {
    double total = 0;
    for (const Sum& each : all_) total += each.value;
    return total;
  }

  int lookups = 0;

 private:
  struct Sum final : MetricSeries {
    void record(double more) noexcept override { value += more; }
    double value = 0;
  };
  std::deque<Sum> all_;
};

TEST_SUITE("instrument/client_metrics_allocation") {
  TEST_CASE("measuring requests takes no memory once each kind was seen") {
    AddingSink sink;
    ClientMetrics metrics(sink, {.with_client_trace_metrics = true});
    // Too long for a string to hold without memory.
    const std::array urls{
        Url::parse("http://a-shop-with-a-long-name.example:8080/").value(),
        Url::parse("https://a-bank-with-a-long-name.example/").value(),
    };
    Timeline refused = connected();
    end_with(refused, Error::Code::tls_handshake, Phase::tls, 30);
    Timeline lost = lent();
    end_with(lost, Error::Code::redundant, Phase::queue, 30);
    const std::array exchanges{exchange_of(answered(connected())),
                               exchange_of(answered(lent()), 503), exchange_of(refused, 0),
                               exchange_of(lost, 0)};
    const auto record_all = [&] {
      for (const char* target : {"", "a target whose id is longer than strings hold"}) {
        for (const char* method : {"GET", "DELETE-WITH-A-LONG-NAME"}) {
          for (const Url& url : urls) {
            for (const Exchange& exchange : exchanges) {
              metrics.record(target, method, url, exchange);
            }
          }
        }
      }
    };
    record_all();
    const int lookups = sink.lookups;
    const double before = sink.sum();
    CHECK(allocations_of([&] {
            for (int i = 0; i < 100; ++i) record_all();
          }) == 0);
    CHECK(sink.lookups == lookups);
    CHECK(sink.sum() == doctest::Approx(101 * before));
  }

  TEST_CASE("collecting what was seen before takes no memory, but for what breakers tell") {
    AddingSink sink;
    ClientMetrics metrics(sink);
    PoolStats pool{.name = "a pool whose name is longer than strings hold"};
    pool.addresses.push_back({.address = "a-shop-with-a-long-name.example:8080", .counts = {}});
    PlanStats plans;
    EmitterStats emitter;
    const auto collect_all = [&] {
      ++pool.addresses[0].counts.opened;
      ++pool.total.opened;
      ++plans.executed;
      ++emitter.sent;
      metrics.collect(pool);
      metrics.collect(plans);
      metrics.collect(emitter);
    };
    collect_all();
    CHECK(allocations_of(collect_all) == 0);
    CHECK(sink.sum() == 6);
  }
}

}  // namespace
}  // namespace xtrace::testing::client_metrics_allocation_test
