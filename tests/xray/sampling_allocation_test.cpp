#include <chrono>
#include <string>

#include <doctest/doctest.h>

#include <xtrace/sampler.h>

#include "support/count_allocations.h"
#include "xray/central_rules.h"

namespace xtrace::sampling_allocation_test {

namespace {

using testing::allocations_of;

constexpr SamplingRequest kRequest{.service_name = "shop",
                                   .service_type = "AWS::ECS::Container",
                                   .host = "api.example.com:8443",
                                   .http_method = "GET",
                                   .url_path = "/api/v1/orders/4711/items"};

}  // namespace

TEST_SUITE("xray/sampling_allocation") {
  TEST_CASE("a local sampler decides without allocating") {
    LocalSampler sampler({.rules = {{.http_method = "POST"},
                                    {.host = "*.example.org", .url_path = "/api/*/items"},
                                    {.url_path = "*/ord?rs/*", .fixed_target = 1, .rate = 0.5}}});
    std::size_t chosen = 0;
    CHECK(allocations_of([&] {
            for (int i = 0; i < 100; ++i) chosen += sampler.decide(kRequest).local_rule;
          }) == 0);
    CHECK(chosen == 300);
  }

  TEST_CASE("central rules decide without allocating, by quota, on credit and by chance") {
    CentralRules rules;
    CentralRule rule{.name = RuleName("shop"), .fixed_rate = 0.5, .reservoir_size = 10};
    rule.url_path = "/api/*/items";
    rules.replace({rule});
    int decided = 0;
    const auto decide = [&] {
      for (int i = 0; i < 100; ++i) decided += rules.decide(kRequest).has_value() ? 1 : 0;
    };
    CHECK(allocations_of(decide) == 0);
    const WallTime later = now().wall + std::chrono::hours(1);
    rules.apply(
        {.targets = {{.rule = rule.name, .fixed_rate = 1, .quota = 50, .quota_until = later}}});
    CHECK(allocations_of(decide) == 0);
    CHECK(decided == 200);
  }

  TEST_CASE("a long pattern over a long text is matched without allocating") {
    const std::string text(8192, 'a');
    const std::string pattern = "*" + std::string(120, 'a') + "?\xC3\x89*b*";
    CHECK(allocations_of([&] { CHECK_FALSE(matches_wildcard(pattern, text)); }) == 0);
  }
}

}  // namespace xtrace::sampling_allocation_test
