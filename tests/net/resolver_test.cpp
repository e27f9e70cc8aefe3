#include <array>
#include <atomic>
#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <uv.h>

#include "loop/timer.h"
#include "net/system_resolver.h"
#include "support/test_loop.h"

namespace xtrace::resolver_test {

namespace {

using namespace std::chrono_literals;
using testing::TestLoop;

/// A lookup for the worker threads that ends when the test says so. It outlives the loop, whose end
/// waits for lookups that were given up.
struct Gate {
  std::promise<void> opener;
  std::shared_future<void> opened{opener.get_future()};
  std::atomic<int> entered{0};
  std::atomic<int> left{0};

  void open() { opener.set_value(); }

  NameLookup lookup() {
    return [this](const ResolveRequest& request) -> Expected<std::vector<Address>> {
      ++entered;
      opened.wait();
      ++left;
      return std::vector{Address::from_ipv4({192, 0, 2, 1}, request.port)};
    };
  }
};

/// Keeps every thread of the pool busy until the gate opens.
class BusyPool {
 public:
  BusyPool(TestLoop& loop, Gate& gate) {
    for (auto& work : work_) {
      work.data = &gate;
      uv_queue_work(
          loop.loop().handle(), &work,
          [](uv_work_t* busy) {
            auto* until = static_cast<Gate*>(busy->data);
            ++until->entered;
            until->opened.wait();
          },
          [](uv_work_t* busy, int) { ++static_cast<Gate*>(busy->data)->left; });
    }
    loop.run_until_threads([&gate] { return gate.entered == kThreads; });
  }
  static constexpr int kThreads = 4;

 private:
  std::array<uv_work_t, kThreads> work_{};
};

/// Where a callback leaves its answer.
struct Answer {
  std::optional<Expected<Resolved>> result;

  Callback<void(Expected<Resolved>)> taker() {
    return [this](Expected<Resolved> with) { result.emplace(std::move(with)); };
  }
  bool has_come() const { return result.has_value(); }
};

TEST_SUITE("net/resolver") {
  TEST_CASE("localhost resolves to loopback addresses with the port of the request") {
    TestLoop loop;
    SystemResolver resolver(loop);
    Answer answer;
    const auto lookup = resolver.resolve({.host = "localhost", .port = 8080}, answer.taker());
    CHECK_FALSE(answer.has_come());
    loop.run_until([&answer] { return answer.has_come(); });
    REQUIRE(answer.result->has_value());
    const Resolved& resolved = **answer.result;
    REQUIRE_FALSE(resolved.addresses.empty());
    CHECK_FALSE(resolved.coalesced);
    for (const Address& address : resolved.addresses) {
      CHECK(address.is_loopback());
      CHECK(address.port() == 8080);
    }
    CHECK(lookup->submitted_at() <= lookup->started_at());
    CHECK(lookup->started_at() < lookup->finished_at());
  }

  TEST_CASE("the system's lookup gives each address once and only of the wanted family") {
    const auto v4 = look_up_name({.host = "127.0.0.1", .port = 1, .family = FamilyWanted::ipv4});
    REQUIRE(v4.has_value());
    CHECK(*v4 == std::vector{Address::from_ipv4({127, 0, 0, 1}, 1)});
    const auto v6 = look_up_name({.host = "::1", .port = 1, .family = FamilyWanted::any});
    REQUIRE(v6.has_value());
    CHECK(*v6 == std::vector{Address::from_ip("::1", 1).value()});

    const auto wrong = look_up_name({.host = "::1", .port = 1, .family = FamilyWanted::ipv4});
    REQUIRE_FALSE(wrong.has_value());
    CHECK(wrong.error().code == Error::Code::dns_not_found);
    CHECK(wrong.error().phase == Phase::dns);
    CHECK(wrong.error().message == "resolve ::1: no address of the wanted family (EAI_ADDRFAMILY)");
  }

  TEST_CASE("a name that cannot exist is not found, in a sentence with the native reason") {
    const std::string label(64,
                            'x');  // longer than DNS allows: refused before any question is sent
    const auto found = look_up_name({.host = label + ".invalid", .port = 80});
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().code == Error::Code::dns_not_found);
    CHECK_FALSE(look_up_name({.host = std::string("localhost\0.test", 15)}).has_value());
    CHECK(found.error().message ==
          "resolve " + label + ".invalid: name or service not known (EAI_NONAME)");
  }

  TEST_CASE("a lookup that waited for a pool thread reports the wait apart from the lookup") {
    Gate busy;
    TestLoop loop;
    const BusyPool pool(loop, busy);
    SystemResolver resolver(loop, [](const ResolveRequest& request) {
      return Expected(std::vector{Address::from_ipv4({192, 0, 2, 1}, request.port)});
    });
    Answer answer;
    const auto lookup = resolver.resolve({.host = "one.test", .port = 80}, answer.taker());
    Timer release(loop);
    release.arm(30ms, [&busy] { busy.open(); });
    CHECK(lookup->started_at() == Tick{});

    loop.run_until([&] { return answer.has_come() && busy.left == BusyPool::kThreads; });
    CHECK(answer.result->has_value());
    CHECK(lookup->started_at() - lookup->submitted_at() >= 30ms);
    CHECK(lookup->finished_at() - lookup->started_at() < 30ms);  // none of the wait
  }

  TEST_CASE("at most two lookups hold a thread, and the third one's start shows its wait") {
    Gate gate;
    TestLoop loop;
    SystemResolver resolver(loop, gate.lookup());
    std::array<Answer, 3> answers;
    const auto one = resolver.resolve({.host = "one.test"}, answers[0].taker());
    const auto two = resolver.resolve({.host = "two.test"}, answers[1].taker());
    const auto three = resolver.resolve({.host = "three.test"}, answers[2].taker());
    loop.run_until_threads([&gate] { return gate.entered == 2; });
    CHECK(one->started_at() != Tick{});
    CHECK(one->finished_at() == Tick{});

    Timer release(loop);
    release.arm(20ms, [&gate] { gate.open(); });
    loop.run_until([&answers] { return answers[2].has_come(); });
    CHECK(gate.entered == 3);
    CHECK(three->started_at() - three->submitted_at() >= 20ms);
    CHECK(three->started_at() >= std::min(one->finished_at(), two->finished_at()));
  }

  TEST_CASE("equal lookups share one getaddrinfo and the later ones say so") {
    Gate gate;
    TestLoop loop;
    SystemResolver resolver(loop, gate.lookup());
    std::array<Answer, 3> answers;
    const auto first = resolver.resolve({.host = "same.test", .port = 80}, answers[0].taker());
    loop.run_until_threads([&gate] { return gate.entered == 1; });
    const auto second = resolver.resolve({.host = "same.test", .port = 443}, answers[1].taker());
    const auto other = resolver.resolve(
        {.host = "same.test", .port = 80, .family = FamilyWanted::ipv6}, answers[2].taker());
    // It joined work that was running already: it waited for no thread and spent none of the time
    // before.
    CHECK(second->started_at() == second->submitted_at());
    gate.open();
    loop.run_until([&answers] { return answers[1].has_come() && answers[2].has_come(); });

    CHECK(gate.entered == 2);
    CHECK_FALSE(answers[0].result->value().coalesced);
    CHECK(answers[1].result->value().coalesced);
    CHECK_FALSE(answers[2].result->value().coalesced);
    CHECK(answers[0].result->value().addresses.front().port() == 80);
    CHECK(answers[1].result->value().addresses.front().port() == 443);
    CHECK(second->finished_at() == first->finished_at());
  }

  TEST_CASE("a lookup asked again after everybody gave it up is a new one") {
    Gate gate;
    TestLoop loop;
    SystemResolver resolver(loop, gate.lookup());
    Answer answer;
    auto given_up = resolver.resolve({.host = "slow.test"}, answer.taker());
    loop.run_until_threads([&gate] { return gate.entered == 1; });
    given_up.reset();
    const auto again = resolver.resolve({.host = "slow.test"}, answer.taker());
    loop.run_until_threads([&gate] { return gate.entered == 2; });
    gate.open();
    loop.run_until([&answer] { return answer.has_come(); });
    CHECK_FALSE(answer.result->value().coalesced);
  }

  TEST_CASE("a lookup destroyed in any stage calls nobody back") {
    Gate gate;
    TestLoop loop;
    SystemResolver resolver(loop, gate.lookup());
    Answer answer;
    auto running = resolver.resolve({.host = "one.test"}, answer.taker());
    auto shared = resolver.resolve({.host = "one.test"}, answer.taker());
    auto also_running = resolver.resolve({.host = "two.test"}, answer.taker());
    auto waiting = resolver.resolve({.host = "three.test"}, answer.taker());
    loop.run_until_threads([&gate] { return gate.entered == 2; });

    SUBCASE("while it waits for its turn") {
      waiting.reset();
    }
    SUBCASE("while it runs, and the others keep their answers") {
      running.reset();
    }
    SUBCASE("while it runs for nobody else") {
      also_running.reset();
      waiting.reset();
    }
    SUBCASE("all of them") {}
    running.reset();
    shared.reset();
    also_running.reset();
    waiting.reset();
    gate.open();
    loop.run_until([&gate] { return gate.left == 2; });
    loop.loop().run();
    CHECK_FALSE(answer.has_come());
    CHECK(gate.entered == 2);
  }

  TEST_CASE("a lookup no thread has begun is taken back from the pool") {
    Gate busy;
    TestLoop loop;
    const BusyPool pool(loop, busy);
    std::atomic<int> asked{0};
    SystemResolver resolver(loop, [&asked](const ResolveRequest& request) {
      ++asked;
      return Expected(std::vector{Address::from_ipv4({192, 0, 2, 1}, request.port)});
    });
    Answer answer;
    resolver.resolve({.host = "one.test"}, answer.taker()).reset();
    busy.open();
    loop.loop().run();
    CHECK(asked == 0);
    CHECK_FALSE(answer.has_come());
  }

  TEST_CASE("a callback may destroy the other lookups, the resolver and its own lookup") {
    Gate gate;
    TestLoop loop;
    auto resolver = std::make_unique<SystemResolver>(loop, gate.lookup());
    std::vector<std::unique_ptr<Lookup>> lookups;
    int calls = 0;
    bool destroys_lookups = false;
    SUBCASE("the lookups first") {
      destroys_lookups = true;
    }
    SUBCASE("the resolver first") {}
    const auto destroy = [&](Expected<Resolved> result) {
      CHECK(result.has_value());
      ++calls;
      if (destroys_lookups) lookups.clear();
      resolver.reset();
      lookups.clear();
    };
    for (int i = 0; i < 3; ++i) lookups.push_back(resolver->resolve({.host = "one.test"}, destroy));
    lookups.push_back(resolver->resolve({.host = "two.test"}, destroy));
    loop.run_until_threads([&gate] { return gate.entered == 2; });
    gate.open();
    loop.loop().run();
    CHECK(calls == 1);
  }

  TEST_CASE("a resolver destroyed with work in flight lets its loop end when the work does") {
    Gate gate;
    std::optional<Loop> loop(std::in_place);
    Answer answer;
    auto resolver = std::make_unique<SystemResolver>(*loop, gate.lookup());
    auto lookup = resolver->resolve({.host = "one.test"}, answer.taker());
    auto waiting = resolver->resolve({.host = "two.test"}, answer.taker());
    REQUIRE(loop->run_until([&gate] { return gate.entered == 2; }, 5s));
    resolver.reset();
    lookup.reset();
    gate.open();
    loop.reset();  // returns only once libuv has its work back
    CHECK(gate.left == 2);
    CHECK_FALSE(answer.has_come());
    CHECK(waiting->submitted_at() != Tick{});
  }
}

}  // namespace

}  // namespace xtrace::resolver_test
