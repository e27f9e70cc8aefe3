#include <memory>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/traced_plan.h>
#include <xtrace/tracer.h>

#include "support/count_allocations.h"

namespace xtrace::traced_plan_allocation_test {

using testing::allocations_of;

namespace {

/// An execution for each of `calls`, and then none: the objects of all of them wait to be used
/// again.
template <class Begin>
void begin_all(std::vector<TracedPlanCall>& calls, Begin begin) {
  for (TracedPlanCall& call : calls) call = begin();
  for (TracedPlanCall& call : calls) call = TracedPlanCall();
}

}  // namespace

TEST_SUITE("instrument/traced_plan_allocation") {
  TEST_CASE(
      "a trace adds no memory to the start of a plan once objects are there to be used again") {
    Loop loop;
    Client client(loop, finalize_config({.proxy = ProxyConfig()}).value());
    PlanClient plans(client);
    TracedPlanClient traced(plans);
    const auto plan = std::make_shared<const Plan>(
        Request(Url::parse("http://a-shop-with-a-long-name.example/a/long/path").value()));
    Tracer tracer{finalize_config(TracerConfig{.name = "a service with a long name",
                                               .has_real_unsampled_ids = true,
                                               .sampler = std::make_shared<RateSampler>(0),
                                               .emitter = std::make_shared<NullEmitter>()})
                      .value()};
    const Segment unsampled = tracer.begin_segment();

    std::vector<TracedPlanCall> calls(8);
    const auto begin = [&] { return traced.execute(unsampled, plan, [](Execution&) {}); };
    for (int i = 0; i < 3; ++i) begin_all(calls, begin);
    CHECK(allocations_of([&] { begin_all(calls, begin); }) == 0);
    CHECK(plans.stats().executed == 32);
    CHECK(plans.stats().executions == 0);
  }
}

}  // namespace xtrace::traced_plan_allocation_test
