#include <string>
#include <utility>

#include <doctest/doctest.h>

#include <xtrace/circuit_breaker.h>

#include "support/count_allocations.h"

namespace breaker_allocation_test {

using namespace xtrace;
using namespace xtrace::testing;
using namespace std::chrono_literals;

namespace {

struct Breakers {
  explicit Breakers(const BreakerConfig& config) : breakers(config) { call(excluded); }

  using enum BreakerVerdict;

  /// Whether it was allowed.
  bool call(BreakerVerdict verdict) {
    auto permit = breakers.allow(bucket, present);
    if (!permit) return false;
    breakers.report(std::move(permit).value(), verdict, 1ms, present);
    return true;
  }

  Tick present{1h};
  std::string bucket = "https://a.host.whose.name.is.longer.than.a.small.string.example.com:443";
  CircuitBreakers breakers;
};

}  // namespace

TEST_SUITE("client/breaker_allocation") {
  TEST_CASE("asking and reporting allocate nothing, whatever the window") {
    using Window = BreakerConfig::Window;
    for (const Window window : {Window::calls, Window::time}) {
      Breakers on({.window = window, .window_calls = 50});
      CHECK(allocations_of([&on] {
              for (int i = 0; i < 500; ++i) {
                on.present += 50ms;
                on.call(i % 3 == 0 ? on.failure : on.success);
                on.call(on.excluded);
                static_cast<void>(on.breakers.allow(on.bucket, on.present));
                static_cast<void>(on.breakers.is_closed(on.bucket, on.present));
              }
            }) == 0);
    }
  }

  TEST_CASE("opening, trying again and closing allocate nothing where nobody listens") {
    Breakers on({.consecutive_failures = 1, .open_for = 5s, .probes = 3});
    CHECK(allocations_of([&on] {
            for (int i = 0; i < 100; ++i) {
              on.call(on.failure);
              on.present += 5s;
              for (int probe = 0; probe < 3; ++probe) on.call(on.success);
            }
          }) == 0);
    CHECK(on.breakers.stats_of(on.bucket, on.present)->opened == 100);
  }

  TEST_CASE("a refusal allocates its message") {
    Breakers on({.consecutive_failures = 1});
    on.call(on.failure);
    CHECK(allocations_of([&on] {
            for (int i = 0; i < 100; ++i) CHECK_FALSE(on.call(on.success));
          }) == 100);
  }
}

}  // namespace breaker_allocation_test
