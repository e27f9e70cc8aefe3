#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/sampler.h>

namespace xtrace::local_sampler_test {

namespace {

using namespace std::chrono_literals;

/// A sampler with one rule for everything, on a clock that the test moves.
struct Bench {
  explicit Bench(std::uint32_t fixed_target, double rate = 0)
      : sampler({.default_rule = {.fixed_target = fixed_target, .rate = rate}}, [this] {
          return TimePoint{{}, Tick{tick}};
        }) {}

  /// How many of `tries` that come at once are sampled.
  int take(int tries) {
    int taken = 0;
    for (int i = 0; i < tries; ++i) taken += sampler.decide({}).is_sampled ? 1 : 0;
    return taken;
  }

  /// One request each 100 ms.
  int take_for(Duration time) {
    int taken = 0;
    for (const Duration end = tick + time; tick < end; tick += 100ms) taken += take(1);
    return taken;
  }

  Duration tick = 5h;
  LocalSampler sampler;
};

/// Which rule takes a request; 0 is the default one.
std::size_t rule_of(LocalSampler& sampler, const SamplingRequest& request) {
  const SamplingDecision decision = sampler.decide(request);
  CHECK(decision.source == SamplingDecision::Source::local);
  return decision.local_rule;
}

}  // namespace

TEST_SUITE("xray/local_sampler") {
  TEST_CASE("requests over one and a half seconds take what the SDKs' tests say") {
    CHECK(Bench(1).take_for(1500ms) == 2);
    CHECK(Bench(10).take_for(1500ms) == 15);
    CHECK(Bench(0).take_for(1500ms) == 0);
  }

  TEST_CASE("a reservoir is full at first and never holds more than a second's worth") {
    Bench bench(10);
    CHECK(bench.take(100) == 10);
    bench.tick += 100ms;
    CHECK(bench.take(100) == 1);
    bench.tick += 350ms;
    CHECK(bench.take(100) == 3);
    bench.tick += 50ms;
    CHECK(bench.take(100) == 1);
    bench.tick += 1h;
    CHECK(bench.take(100) == 10);
  }

  TEST_CASE("a target that does not divide a second is met to the last") {
    for (const std::uint32_t target : {3U, 7U, 999U}) {
      Bench bench(target);
      CHECK(bench.take(2000) == static_cast<int>(target));
      bench.tick += 1s;
      CHECK(bench.take(2000) == static_cast<int>(target));
    }
    CHECK(Bench(4'000'000'000).take(1000) == 1000);
  }

  TEST_CASE("what the reservoir cannot give is left to the rate") {
    Bench bench(1, 1);
    CHECK(bench.sampler.decide({}).reason == SamplingReason::reservoir);
    const SamplingDecision second = bench.sampler.decide({});
    CHECK(second.is_sampled);
    CHECK(second.reason == SamplingReason::rate);
    CHECK(second.rate == 1);
  }

  TEST_CASE("the built-in manifest takes one a second and 5 % of the rest") {
    Duration tick = 1s;
    LocalSampler sampler({}, [&tick] { return TimePoint{{}, Tick{tick}}; });
    CHECK(sampler.decide({}).reason == SamplingReason::reservoir);
    int sampled = 0;
    for (int i = 0; i < 20'000; ++i) sampled += sampler.decide({}).is_sampled ? 1 : 0;
    CHECK(sampled > 690);  // ten standard deviations
    CHECK(sampled < 1310);
    CHECK(sampler.manifest() == SamplingManifest{});
  }

  TEST_CASE("the machine's clock fills the reservoir where none is given") {
    LocalSampler sampler({.default_rule = {.fixed_target = 1'000'000'000}});
    for (int i = 0; i < 1000; ++i) CHECK(sampler.decide({}).is_sampled);
  }

  TEST_CASE("the first rule that matches decides, and the default rule the rest") {
    LocalSampler sampler({.rules = {{.host = "*.example.com", .url_path = "/health"},
                                    {.http_method = "POST"},
                                    {.host = "shop.example.com", .url_path = "/*"}}});
    CHECK(rule_of(sampler,
                  {.host = "shop.example.com", .http_method = "POST", .url_path = "/HEALTH"}) == 1);
    CHECK(rule_of(sampler, {.host = "x", .http_method = "post", .url_path = "/health"}) == 2);
    CHECK(rule_of(sampler,
                  {.host = "shop.example.com", .http_method = "GET", .url_path = "/cart"}) == 3);
    CHECK(rule_of(sampler, {.host = "x", .http_method = "GET", .url_path = "/cart"}) == 0);
    CHECK(rule_of(sampler, {}) == 1);
    CHECK(rule_of(sampler, {.host = "x"}) == 2);
  }

  TEST_CASE("each rule has a reservoir of its own") {
    Duration tick = 1s;
    LocalSampler sampler(
        {.default_rule = {.fixed_target = 1}, .rules = {{.http_method = "GET", .fixed_target = 2}}},
        [&tick] {
          return TimePoint{{}, Tick{tick}};
        });
    const auto is_taken = [&sampler](std::string_view method) {
      return sampler.decide({.http_method = method}).is_sampled;
    };
    CHECK(is_taken("GET"));
    CHECK(is_taken("PUT"));
    CHECK(is_taken("GET"));
    CHECK_FALSE(is_taken("GET"));
    CHECK_FALSE(is_taken("PUT"));
  }

  TEST_CASE("nobody looks at the clock for a rule without a target") {
    int looks = 0;
    LocalSampler sampler({.default_rule = {.rate = 1}}, [&looks] {
      ++looks;
      return now();
    });
    CHECK(sampler.decide({}).is_sampled);
    CHECK(looks == 0);
  }

  TEST_CASE("threads that decide at once take together what one would have") {
    LocalSampler sampler({.default_rule = {.fixed_target = 1000}}, [] {
      return TimePoint{{}, Tick{1h}};
    });
    std::atomic<int> taken{0};
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&sampler, &taken] {
          for (int each = 0; each < 500; ++each) taken += sampler.decide({}).is_sampled ? 1 : 0;
        });
      }
    }
    CHECK(taken == 1000);
  }
}

}  // namespace xtrace::local_sampler_test
