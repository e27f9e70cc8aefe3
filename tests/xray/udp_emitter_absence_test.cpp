#include <memory>
#include <set>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/udp_emitter.h>

#include "xray/emitter_parts.h"
#include "xray/receiver_process.h"
#include "xray/udp_receiver.h"

namespace xtrace::udp_emitter_absence_test {

namespace {

using namespace std::chrono_literals;
using testing::accounted;
using testing::copies;
using testing::framed;
using testing::numbered;
using testing::ReceiverProcess;
using testing::UdpReceiver;

DaemonEndpoint closed_port() {
  return UdpReceiver{}.endpoint();
}

}  // namespace

TEST_SUITE("xray/udp_emitter_absence") {
  TEST_CASE("a closed port is a refusal, known without a wait, and what it refused is kept") {
    auto flow = FlowControl::automatic;
    SUBCASE("where the kernel is asked") {}
    SUBCASE("where it is not") {
      flow = FlowControl::paced;
    }
    SUBCASE("where nothing is") {
      flow = FlowControl::off;
    }
    const auto emitter = make_udp_emitter(closed_port(), {.flow_control = flow, .close_limit = 1h});
    for (std::uint64_t round = 1; round <= 5; ++round) {
      emitter->emit(copies(1, "{}"));
      CHECK(emitter->confirm(1h) == Delivery::refused);
      CHECK(emitter->is_daemon_absent());
      const EmitterStats stats = emitter->stats();
      CHECK(stats.queued == round);
      CHECK(stats.sent == 0);
      CHECK(stats.bytes == 0);
    }
    CHECK(emitter->last_error()->code == Error::Code::emit_refused);
    CHECK(emitter->last_error()->message ==
          "send to " + emitter->peer() + ": connection refused (ECONNREFUSED)");
  }

  TEST_CASE("documents that nobody came for in time count as refused") {
    SUBCASE("at once, where there is no patience") {
      const auto emitter =
          make_udp_emitter(closed_port(), {.max_delay = 0ns, .absent_patience = 0ns});
      for (std::uint64_t round = 1; round <= 5; ++round) {
        emitter->emit(copies(20, "{}"));
        CHECK(emitter->confirm(0ns) == Delivery::refused);
        CHECK(emitter->stats().refused == round * 20);
        CHECK(emitter->stats().queued == 0);
      }
    }
    SUBCASE("after a while, where there is some") {
      const auto emitter = make_udp_emitter(closed_port(), {.absent_patience = 20ms});
      emitter->emit(copies(200, "{}"));
      CHECK(emitter->drain(10s));
      CHECK(emitter->stats().refused == 200);
      CHECK(emitter->confirm(0ns) == Delivery::refused);
    }
  }

  TEST_CASE("a daemon that comes back gets everything, in order, nobody asking for it") {
    auto flow = FlowControl::automatic;
    SUBCASE("where the kernel is asked") {}
    SUBCASE("where it is not") {
      flow = FlowControl::paced;
    }
    const DaemonEndpoint endpoint = closed_port();
    const auto emitter = make_udp_emitter(endpoint, {.flow_control = flow, .absent_patience = 1h});
    const std::vector<std::string> sent = numbered(0, 150);
    emitter->emit(sent);
    CHECK(emitter->confirm(0ns) == Delivery::refused);
    CHECK(emitter->stats().queued == 150);
    UdpReceiver daemon{endpoint.port};
    for (const std::string& document : sent) REQUIRE(daemon.await() == framed(document));
    CHECK(emitter->drain(10s));
    CHECK(emitter->stats().sent == 150);
    CHECK(emitter->stats().refused == 0);
    CHECK_FALSE(emitter->is_daemon_absent());
    CHECK(emitter->confirm(1h) == Delivery::sent);
  }

  TEST_CASE("a daemon that restarts loses what it had not read, and nothing else") {
    auto daemon = std::make_unique<UdpReceiver>();
    const DaemonEndpoint endpoint = daemon->endpoint();
    const auto emitter = make_udp_emitter(endpoint, {.absent_patience = 1h});
    emitter->emit(numbered(0, 50));
    CHECK(emitter->drain(10s));
    for (int n = 0; n < 30; ++n) REQUIRE(daemon->receive() == framed(numbered(n, 1)[0]));
    daemon.reset();
    emitter->emit(numbered(50, 50));
    CHECK(emitter->confirm(0ns) == Delivery::refused);
    CHECK(emitter->stats().sent == 50);
    CHECK(emitter->stats().queued == 50);
    daemon = std::make_unique<UdpReceiver>(endpoint.port);
    CHECK(emitter->drain(10s));
    for (int n = 50; n < 100; ++n) REQUIRE(daemon->receive() == framed(numbered(n, 1)[0]));
    CHECK(daemon->is_empty());
    CHECK(emitter->stats().sent == 100);
    CHECK(accounted(emitter->stats()) == 100);
  }

  TEST_CASE("a daemon killed under load again and again loses no more than its buffer each time") {
    constexpr int kKills = 4;
    constexpr int kBefore = 300;  // received before each kill
    constexpr std::size_t kSize = 600;
    constexpr int kBuffer = 166;  // datagrams of that size that a default buffer holds, at most
    auto daemon = std::make_unique<ReceiverProcess>();
    const DaemonEndpoint endpoint = daemon->endpoint();
    const auto emitter = make_udp_emitter(endpoint, {.absent_patience = 1h});
    std::multiset<int> received;
    int emitted = 0;
    for (int kill = 0; kill <= kKills; ++kill) {
      const int goal = kill * 1'000 + 1'000;
      emitter->emit(numbered(emitted, goal - emitted, kSize));
      emitted = goal;
      for (int i = 0; i < kBefore; ++i) received.insert(daemon->next());
      if (kill == kKills) break;
      daemon->kill();
      daemon->collect(received);
      daemon = std::make_unique<ReceiverProcess>(endpoint.port);
    }
    CHECK(emitter->drain(30s));
    const EmitterStats stats = emitter->stats();
    CHECK(stats.sent == static_cast<std::uint64_t>(emitted));
    CHECK(accounted(stats) == stats.documents);
    while (received.count(emitted - 1) == 0) received.insert(daemon->next());
    daemon->kill();
    daemon->collect(received);
    CHECK(std::set<int>(received.begin(), received.end()).size() == received.size());
    const auto lost = static_cast<int>(stats.sent) - static_cast<int>(received.size());
    CHECK(lost >= 0);
    CHECK(lost <= kKills * kBuffer);
  }
}

}  // namespace xtrace::udp_emitter_absence_test
