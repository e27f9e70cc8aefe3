#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/udp_emitter.h>

#include "xray/emitter_parts.h"
#include "xray/udp_receiver.h"

namespace xtrace::udp_emitter_flow_test {

namespace {

using namespace std::chrono_literals;
using testing::accounted;
using testing::copies;
using testing::framed;
using testing::numbered;
using testing::UdpReceiver;
using testing::UnixPair;

constexpr std::size_t kPadding = 640;  // documents of the size that a segment has

}  // namespace

TEST_SUITE("xray/udp_emitter_flow") {
  TEST_CASE("a burst larger than the receiver's buffer arrives whole and in order") {
    constexpr int kBurst = 3'000;
    UdpReceiver daemon;
    const auto emitter = make_udp_emitter(daemon.endpoint());
    const std::vector<std::string> sent = numbered(0, kBurst, kPadding);
    emitter->emit(sent);
    const EmitterStats before = emitter->stats();
    CHECK(before.sent < 200);
    CHECK(before.queued == kBurst - before.sent);
    for (const std::string& document : sent) REQUIRE(daemon.await() == framed(document));
    CHECK(emitter->drain(10s));
    const EmitterStats stats = emitter->stats();
    CHECK(stats.sent == kBurst);
    CHECK(stats.receiver_drops == 0);
  }

  TEST_CASE("the same burst without flow control is lost in part, and nobody is told") {
    UdpReceiver daemon;
    const auto emitter =
        make_udp_emitter(daemon.endpoint(), {.flow_control = FlowControl::off, .max_delay = 0ns});
    emitter->emit(numbered(0, 3'000, kPadding));
    CHECK(emitter->stats().sent == 3'000);
    CHECK_FALSE(emitter->stats().receiver_drops);
    CHECK(daemon.receive_all().size() < 1'000);
  }

  TEST_CASE("datagrams of every size fit as they were thought to") {
    UdpReceiver daemon;
    const auto emitter = make_udp_emitter(daemon.endpoint());
    std::vector<std::string> sent;
    for (std::size_t i = 0; i < 1'200; ++i) {
      sent.push_back(std::to_string(i) +
                     std::string(i * 7'919 % 9'000 + (i % 50 == 0) * 50'000, 'x'));
    }
    emitter->emit(sent);
    for (const std::string& document : sent) REQUIRE(daemon.await() == framed(document));
    CHECK(emitter->stats().receiver_drops == 0);
  }

  TEST_CASE("what others lose at the receiver is told") {
    UdpReceiver daemon;
    const auto emitter = make_udp_emitter(daemon.endpoint(), {.max_delay = 0ns});
    emitter->emit(copies(1, "{}"));
    CHECK(emitter->stats().receiver_drops == 0);
    const auto flood =
        make_udp_emitter(daemon.endpoint(), {.flow_control = FlowControl::off, .max_delay = 0ns});
    flood->emit(copies(500, std::string(kPadding, 'x')));
    const std::size_t arrived = daemon.receive_all().size();
    CHECK(emitter->stats().receiver_drops == 501 - arrived);
  }

  TEST_CASE("nobody who emits waits for a receiver that reads nothing") {
    UdpReceiver daemon;
    auto delay = Duration(5ms);
    SUBCASE("with a delay") {}
    SUBCASE("without") {
      delay = 0ns;
    }
    const auto emitter = make_udp_emitter(
        daemon.endpoint(), {.queue_bytes = 1U << 20U, .max_delay = delay, .close_limit = 0ns});
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 2; ++thread) {
      threads.emplace_back([&emitter] {
        for (int i = 0; i < 5'000; ++i) emitter->emit(numbered(i, 1, kPadding));
      });
    }
    for (std::thread& thread : threads) thread.join();
    const EmitterStats stats = emitter->stats();
    CHECK(stats.documents == 10'000);
    CHECK(accounted(stats) == 10'000);
    CHECK(stats.dropped_queue_full > 0);
    CHECK(stats.queued > 1'000);
    CHECK(stats.receiver_drops == 0);
    CHECK(daemon.receive_all().size() >= stats.sent);
  }

  TEST_CASE("where the receiver cannot be asked, datagrams leave at a pace") {
    UdpReceiver daemon;
    const auto emitter = make_udp_emitter(
        daemon.endpoint(),
        {.flow_control = FlowControl::paced, .paced_burst = 10, .paced_rate = 1'000});
    const std::vector<std::string> sent = numbered(0, 110);
    const auto began = std::chrono::steady_clock::now();
    emitter->emit(sent);
    for (const std::string& document : sent) REQUIRE(daemon.await() == framed(document));
    // A burst at once, and 100 at 1,000 a second.
    CHECK(std::chrono::steady_clock::now() - began >= 99ms);
    CHECK_FALSE(emitter->stats().receiver_drops);
  }

  TEST_CASE("a full socket that says so keeps the rest in the queue until there is room") {
    const UnixPair pair;
    const auto emitter = make_udp_emitter_on(pair.ends[0], "test");
    std::vector<std::string> sent;
    for (int i = 0; i < 300; ++i) sent.push_back(std::to_string(i) + std::string(3'000, 'x'));
    emitter->emit(sent);
    CHECK(emitter->stats().sent < 300);
    CHECK(emitter->confirm(0ns) == Delivery::unsent);
    std::vector<std::string> received;
    while (received.size() < sent.size()) {
      const std::vector<std::string> some = pair.receive_all();
      received.insert(received.end(), some.begin(), some.end());
      emitter->flush();
    }
    for (std::size_t i = 0; i < sent.size(); ++i) REQUIRE(received[i] == framed(sent[i]));
    CHECK(emitter->stats().sent == 300);
    CHECK(emitter->stats().dropped_queue_full == 0);
    CHECK(emitter->confirm(0ns) == Delivery::sent);
  }
}

}  // namespace xtrace::udp_emitter_flow_test
