#include <atomic>
#include <future>
#include <thread>

#include <xtrace/plan_client.h>

#include "plan_fixture.h"

namespace xtrace::testing::plan_fetch_test {
namespace {

TEST_SUITE("client/plan_fetch") {
  TEST_CASE_FIXTURE(PlanFixture, "a thread that waits gets the execution of a plan") {
    answer({answer_with(503), answer_with(200, "ok")});
    const auto what = std::make_shared<const Plan>(plan());
    std::atomic<bool> is_done = false;
    std::optional<Execution> got;
    std::thread waiting([&] {
      LoopThread thread;
      std::optional<Client> there;
      std::optional<PlanClient> run;
      std::promise<void> made;
      thread.loop().post([&] {
        there.emplace(thread.loop(), finalize_config(client_config).value());
        run.emplace(*there, PlanClientConfig{.retry = {.wait = wait_fixed(1ms)}});
        made.set_value();
      });
      made.get_future().wait();
      got = fetch(thread, *run, what);
      std::promise<void> gone;
      thread.loop().post([&] {
        run.reset();
        there.reset();
        gone.set_value();
      });
      gone.get_future().wait();
      is_done = true;
    });
    loop.run_until_threads([&is_done] { return is_done.load(); });
    waiting.join();
    REQUIRE(got.has_value());
    CHECK(got->response()->body == "ok");
    CHECK(got->attempts.size() == 2);
  }
}

}  // namespace
}  // namespace xtrace::testing::plan_fetch_test
