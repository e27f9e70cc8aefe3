#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/central_sampler.h>

#include "central_fixture.h"
#include "support/no_threads.h"

namespace xtrace::central_threads_test {

using namespace std::chrono_literals;
using testing::answer;
using testing::CentralFixture;
using testing::rule_record;

namespace {

/// Answers both questions: what one does not ask for is not looked at.
std::string reply_to_everything() {
  return R"({"SamplingRuleRecords":[)" + rule_record("all") +
         R"(],"SamplingTargetDocuments":[],"LastRuleModification":0,"UnprocessedStatistics":[]})";
}

}  // namespace

TEST_SUITE_BEGIN("instrument/central_sampler");

TEST_CASE_FIXTURE(CentralFixture,
                  "a sampler with a loop of its own polls without the host's help") {
  answer(server, reply_to_everything());
  config.daemon = testing::endpoint_of(server);
  sampler = make_central_sampler(config);
  loop.run_until_threads([this] { return sampler->stats().is_fresh; });
  CHECK(decide().source == SamplingDecision::Source::central);
}

TEST_CASE_FIXTURE(CentralFixture, "a sampler that gets no thread decides by the fallback") {
  config.daemon = testing::endpoint_of(server);
  {
    const testing::NoThreads none;
    sampler = make_central_sampler(config);
  }
  CHECK(decide().source == SamplingDecision::Source::fallback);
  CHECK(sampler->stats().failures == 1);
  CHECK(sampler->stats().last_error->message.find("start a thread for ") == 0);
}

TEST_CASE_FIXTURE(CentralFixture,
                  "a sampler that waits for a name or an answer is destroyed at once") {
  server.on_connection().silent();
  config.daemon = testing::endpoint_of(server);
  config.request_limit = 1h;
  SUBCASE("of an address") {}
  SUBCASE("of a name") {
    config.daemon.host = "localhost";
  }
  sampler = make_central_sampler(config);
  loop.run_until_threads([this] { return server.connections() == 1; });
  sampler.reset();
  loop.run_until([this] { return server.connection().peer_ended; });
}

TEST_CASE_FIXTURE(CentralFixture,
                  "every decision of every thread is reported once, while rules come and go") {
  answer(server, reply_to_everything());
  config.daemon = testing::endpoint_of(server);
  config.rules_interval = 1ms;
  sampler = make_central_sampler(config);
  loop.run_until_threads([this] { return sampler->stats().is_fresh; });

  std::atomic<std::uint64_t> decided{0};
  std::atomic<int> running{2};
  const auto decide_often = [this, &decided, &running] {
    std::uint64_t central = 0;
    for (int i = 0; i < 5000; ++i) {
      if (decide().source == SamplingDecision::Source::central) ++central;
      if (i % 1000 == 0) static_cast<void>(sampler->stats());
    }
    decided += central;
    --running;
  };
  std::array<std::thread, 2> threads = {std::thread(decide_often), std::thread(decide_often)};

  std::size_t read = 0;
  std::uint64_t reported = 0;
  loop.run_until_threads([&] {
    let_interval_pass();
    for (; read < server.connections() && server.is_done(read); ++read) {
      const std::string received = server.received(read);
      if (testing::request_line(received) != "POST /SamplingTargets HTTP/1.1") continue;
      for (const auto& each : this->reported(read)) {
        reported += each.at("RequestCount").get<std::uint64_t>();
      }
    }
    return running == 0 && reported == decided;
  });
  for (std::thread& thread : threads) thread.join();
  CHECK(reported > 0);
  CHECK(sampler->stats().failures == 0);
}

TEST_SUITE_END();

}  // namespace xtrace::central_threads_test
