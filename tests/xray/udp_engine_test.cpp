#include "xray/udp_engine.h"

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "xray/emitter_parts.h"
#include "xray/udp_receiver.h"

namespace xtrace::udp_engine_test {

namespace {

using namespace std::chrono_literals;
using testing::accounted;
using testing::copies;
using testing::framed;
using testing::numbered;
using testing::UdpReceiver;

const DaemonEndpoint kName{.host = "daemon.test", .port = 2000};

/// A name server that answers when the test lets it, each time as `answer` says.
struct FakeResolver {
  std::promise<void> gate{};
  std::shared_future<void> opened{gate.get_future()};
  std::atomic<int> asked{0};
  std::function<Expected<UdpAddresses>(int)> answer;

  LookUpHost look_up() {
    return [this](const DaemonEndpoint&) {
      const int round = asked.fetch_add(1);
      opened.wait();
      return answer(round);
    };
  }
};

/// The resolver outlives threads that nobody waits for.
std::shared_ptr<FakeResolver> resolver(std::function<Expected<UdpAddresses>(int)> answer) {
  auto made = std::make_shared<FakeResolver>();
  made->answer = std::move(answer);
  return made;
}

LookUpHost look_up(const std::shared_ptr<FakeResolver>& resolver) {
  return [resolver](const DaemonEndpoint& endpoint) { return resolver->look_up()(endpoint); };
}

UdpAddresses address_of(const UdpReceiver& daemon) {
  return look_up_host(daemon.endpoint()).value();
}

Expected<UdpAddresses> no_such_name() {
  return Error{Error::Code::emit_failed, Phase::none, "emit to daemon.test:2000: no such name"};
}

}  // namespace

TEST_SUITE("xray/udp_engine") {
  TEST_CASE("a dead resolver holds up neither emit nor the end") {
    const auto dead = resolver([](int) { return no_such_name(); });
    UdpEngine engine{kName, {.queue_bytes = 100'000, .close_limit = 10ms}, look_up(dead)};
    for (int i = 0; i < 1'000; ++i) engine.take(copies(10, std::string(100, 'x')), {});
    CHECK(engine.confirm(1ms) == Delivery::unsent);
    CHECK(engine.peer() == "daemon.test:2000");
    CHECK(engine.stats().documents == 10'000);
    CHECK(engine.stats().dropped_queue_full > 9'000);
    engine.close(10ms);
    const EmitterStats stats = engine.stats();
    CHECK(stats.dropped_at_close > 0);
    CHECK(stats.queued == 0);
    CHECK(accounted(stats) == stats.documents);
    dead->gate.set_value();
  }

  TEST_CASE("what came before the name was looked up is sent when it is") {
    UdpReceiver daemon;
    const auto slow = resolver([found = address_of(daemon)](int) { return found; });
    SUBCASE("by a thread") {
      UdpEngine engine{kName, {}, look_up(slow)};
      engine.take(numbered(0, 3), {});
      CHECK(daemon.is_empty());
      slow->gate.set_value();
      for (int n = 0; n < 3; ++n) CHECK(daemon.await() == framed(numbered(n, 1)[0]));
      CHECK(engine.peer() == daemon.endpoint().to_string());
    }
    SUBCASE("by who waits, without one") {
      UdpEngine engine{kName, {.max_delay = 0ns}, look_up(slow)};
      engine.take(numbered(0, 3), {});
      std::thread opens{[&slow] { slow->gate.set_value(); }};
      CHECK(engine.drain(10s));
      opens.join();
      CHECK(daemon.receive_all().size() == 3);
    }
    SUBCASE("by the end") {
      UdpEngine engine{kName, {.max_delay = 1h}, look_up(slow)};
      engine.take(numbered(0, 3), {});
      std::thread opens{[&slow] { slow->gate.set_value(); }};
      engine.close(10s);
      opens.join();
      CHECK(daemon.receive_all().size() == 3);
    }
  }

  TEST_CASE("a name that does not exist is an error with its sentence, and no wait") {
    const auto broken = resolver([](int) { return no_such_name(); });
    broken->gate.set_value();
    UdpEngine engine{kName, {.max_delay = 0ns, .close_limit = 1h}, look_up(broken)};
    engine.take(numbered(0, 2), {});
    CHECK(engine.confirm(1h) == Delivery::unsent);
    CHECK(engine.last_error()->message == "emit to daemon.test:2000: no such name");
    CHECK_FALSE(engine.is_daemon_absent());
    CHECK(engine.stats().queued == 2);
    engine.close(1h);
    CHECK(engine.stats().dropped_at_close == 2);
  }

  TEST_CASE("documents wait for a name that cannot be looked up as long as for a daemon") {
    const auto broken = resolver([](int) { return no_such_name(); });
    broken->gate.set_value();
    UdpEngine engine{kName, {.max_delay = 0ns, .absent_patience = 0ns}, look_up(broken)};
    engine.take(numbered(0, 2), {});
    CHECK(engine.drain(10s));
    CHECK(engine.stats().dropped_error == 2);
  }

  TEST_CASE("a daemon that moved is found when its name is looked up again") {
    UdpReceiver old_daemon;
    UdpReceiver new_daemon;
    const auto moving =
        resolver([found = std::vector{address_of(old_daemon), address_of(new_daemon)}](int round) {
          return found[round == 0 ? 0 : 1];
        });
    moving->gate.set_value();
    UdpEngine engine{kName, {.resolve_interval = 1ms}, look_up(moving)};
    std::size_t emitted = 0;
    std::size_t received = 0;
    for (; new_daemon.is_empty(); received += old_daemon.receive_all().size()) {
      engine.take(numbered(0, 1), {});
      ++emitted;
    }
    const auto receive = [&] {
      received += old_daemon.receive_all().size() + new_daemon.receive_all().size();
    };
    // More may be queued than a receiver that does not read has room for.
    for (int look = 0; look < 10'000 && !engine.drain(1ms); ++look) receive();
    CHECK(engine.drain(0ns));
    receive();
    CHECK(received == emitted);
    CHECK(engine.peer() == new_daemon.endpoint().to_string());
    CHECK(engine.stats().sent == emitted);
  }

  TEST_CASE("the last good address stays in use while lookups fail") {
    UdpReceiver daemon;
    const auto failing = resolver([found = address_of(daemon)](int round) {
      return round == 0 ? Expected<UdpAddresses>(found) : no_such_name();
    });
    failing->gate.set_value();
    UdpEngine engine{kName, {.max_delay = 0ns, .resolve_interval = 0ns}, look_up(failing)};
    for (int n = 0; n < 100 || failing->asked < 3; ++n) {
      engine.take(numbered(n, 1), {});
      REQUIRE(engine.drain(10s));
      REQUIRE(daemon.receive() == framed(numbered(n, 1)[0]));
      if (n == 5'000) FAIL("no lookup was repeated");
    }
    CHECK(engine.stats().dropped_error == 0);
  }

  TEST_CASE("a refusal has the name looked up again") {
    UdpReceiver daemon;
    const DaemonEndpoint closed = UdpReceiver{}.endpoint();
    const auto moving =
        resolver([found = std::vector{look_up_host(closed).value(), address_of(daemon)}](
                     int round) { return found[round == 0 ? 0 : 1]; });
    moving->gate.set_value();
    UdpEngine engine{kName, {.resolve_interval = 1h}, look_up(moving)};
    engine.take(numbered(0, 1), {});
    CHECK(daemon.await() == framed(numbered(0, 1)[0]));
  }

  TEST_CASE("of several addresses the one where somebody listens is used") {
    UdpReceiver daemon;
    UdpAddresses addresses = look_up_host(UdpReceiver{}.endpoint()).value();
    addresses.push_back(address_of(daemon)[0]);
    const auto both = resolver([addresses](int) { return addresses; });
    both->gate.set_value();
    UdpEngine engine{kName, {.max_delay = 0ns, .absent_patience = 0ns}, look_up(both)};
    engine.take(numbered(0, 5), {});
    CHECK(engine.drain(10s));
    CHECK(daemon.receive_all().size() == 5);
    CHECK(engine.stats().refused == 0);
  }
}

}  // namespace xtrace::udp_engine_test
