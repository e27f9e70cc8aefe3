#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/central_sampler.h>
#include <xtrace/reliable_emitter.h>

#include "central_fixture.h"
#include "in_child.h"
#include "reliable_fixture.h"

namespace xtrace::fork_test {

using namespace std::chrono_literals;
using testing::answer;
using testing::CentralFixture;
using testing::documents_in;
using testing::holds_in_child;
using testing::ReliableFixture;
using testing::rule_record;
using testing::rules_reply;

using Source = SamplingDecision::Source;

TEST_SUITE_BEGIN("instrument/fork");

TEST_CASE_FIXTURE(ReliableFixture,
                  "a child's emitter has its own queue and delivers it; the parent's stays there" *
                      doctest::skip(XTRACE_FORKS_ALONE)) {
  server.on_connection().silent();
  answer(server, "{}", "200 OK", "]}");
  options.request_limit = 1h;
  options.close_limit = 0s;
  make();
  emit({R"({"of":"the parent"})"});
  // Its thread waits from then on, and holds no lock of a sanitizer's allocator.
  loop.run_until_threads([this] { return server.received(0).ends_with("]}"); });
  CHECK(holds_in_child(loop, [this] {
    if (!(emitter->stats() == EmitterStats{})) return false;
    emit({R"({"of":"the child"})"});
    const bool is_empty = emitter->drain(4s);
    const EmitterStats stats = emitter->stats();
    emitter.reset();
    return is_empty && stats.documents == 1 && stats.sent == 1;
  }));
  CHECK(documents_in(server.received(1)) == std::vector<std::string>{R"({"of":"the child"})"});
  CHECK(emitter->stats().queued == 1);
  CHECK(emitter->stats().documents == 1);
}

TEST_CASE_FIXTURE(CentralFixture,
                  "a child's sampler asks for rules and reports under its own name" *
                      doctest::skip(XTRACE_FORKS_ALONE)) {
  answer(server, rules_reply(rule_record("all")));
  config.daemon = testing::endpoint_of(server);
  config.targets_interval = 1h;
  sampler = make_central_sampler(config);
  loop.run_until_threads([this] { return sampler->stats().is_fresh; });
  CHECK(holds_in_child(loop, [this] {
    if (decide().source != Source::fallback) return false;
    const auto end = std::chrono::steady_clock::now() + 4s;
    while (decide().source != Source::central) {
      if (std::chrono::steady_clock::now() > end) return false;
    }
    const bool is_new = sampler->stats().polls == 1;
    sampler.reset();
    return is_new;
  }));
  CHECK(server.connections() == 2);
  CHECK(sampler->stats().polls == 1);
  CHECK(decide().source == Source::central);
}

TEST_CASE_FIXTURE(CentralFixture, "a child leaves a lent loop alone and decides by the fallback") {
  answer(server, rules_reply(rule_record("all")));
  make_with_rules();
  const std::size_t before = server.connections();
  CHECK(holds_in_child(loop, [this] {
    const bool falls_back = decide().source == Source::fallback;
    sampler.reset();
    return falls_back;
  }));
  CHECK(server.connections() == before);
  CHECK(decide().source == Source::central);
}

TEST_SUITE_END();

}  // namespace xtrace::fork_test
