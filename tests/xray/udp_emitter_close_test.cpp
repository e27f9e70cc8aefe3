#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/udp_emitter.h>

#include "xray/emitter_parts.h"
#include "xray/udp_engine.h"
#include "xray/udp_receiver.h"

namespace xtrace::udp_emitter_close_test {

namespace {

using namespace std::chrono_literals;
using testing::accounted;
using testing::framed;
using testing::numbered;
using testing::UdpReceiver;

}  // namespace

TEST_SUITE("xray/udp_emitter_close") {
  TEST_CASE("an emitter that ends sends what it has") {
    UdpReceiver daemon;
    make_udp_emitter(daemon.endpoint(), {.max_delay = 1h})->emit(numbered(0, 50));
    for (const std::string& document : numbered(0, 50)) {
      REQUIRE(daemon.receive() == framed(document));
    }
    CHECK(daemon.is_empty());
  }

  TEST_CASE("an emitter that ends goes on while a slow daemon reads") {
    UdpReceiver daemon;
    std::thread ends{[&daemon] {
      const auto emitter = make_udp_emitter(daemon.endpoint(), {.close_limit = 1h});
      emitter->emit(numbered(0, 1'000, 640));
    }};
    for (const std::string& document : numbered(0, 1'000, 640)) {
      REQUIRE(daemon.await() == framed(document));
    }
    ends.join();
  }

  TEST_CASE("an emitter that nobody listens to ends at once and counts what is left") {
    const DaemonEndpoint closed = UdpReceiver{}.endpoint();
    UdpEngine engine{closed, {.absent_patience = 1h}};
    engine.take(numbered(0, 50), {});
    engine.close(1h);
    const EmitterStats stats = engine.stats();
    CHECK(stats.dropped_at_close == 50);
    CHECK(stats.queued == 0);
    CHECK(accounted(stats) == 50);
  }

  TEST_CASE("an emitter whose receiver reads nothing ends at its limit and counts what is left") {
    UdpReceiver daemon;
    UdpEngine engine{daemon.endpoint(), {}};
    engine.take(numbered(0, 1'000, 640), {});
    const Tick began = std::chrono::steady_clock::now();
    engine.close(30ms);
    CHECK(std::chrono::steady_clock::now() - began >= 30ms);
    const EmitterStats stats = engine.stats();
    CHECK(stats.sent == daemon.receive_all().size());
    CHECK(stats.dropped_at_close == 1'000 - stats.sent);
    CHECK(stats.dropped_at_close > 0);
  }

  TEST_CASE("what can go at once needs no thread, and what cannot has one") {
    UdpReceiver daemon;
    UdpEngine engine{daemon.endpoint(), {.max_delay = 0ns}};
    engine.take(numbered(0, 10, 640), {});
    CHECK(engine.confirm(1h) == Delivery::sent);
    CHECK_FALSE(engine.has_thread());
    engine.take(numbered(0, 1'000, 640), {});
    CHECK(engine.has_thread());
  }

  TEST_CASE("a refusal without patience needs no thread") {
    const DaemonEndpoint closed = UdpReceiver{}.endpoint();
    UdpEngine engine{closed, {.max_delay = 0ns, .absent_patience = 0ns}};
    engine.take(numbered(0, 10), {});
    CHECK(engine.confirm(0ns) == Delivery::refused);
    CHECK_FALSE(engine.has_thread());
  }
}

}  // namespace xtrace::udp_emitter_close_test
