#include <memory>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/udp_emitter.h>

#include "xray/emitter_parts.h"
#include "xray/udp_receiver.h"

namespace xtrace::udp_emitter_test {

namespace {

using namespace std::chrono_literals;
using testing::accounted;
using testing::copies;
using testing::framed;
using testing::numbered;
using testing::UdpReceiver;
using testing::UnixPair;

constexpr UdpEmitterOptions kAtOnce{.max_delay = 0ns};

}  // namespace

TEST_SUITE("xray/udp_emitter") {
  TEST_CASE("a document arrives as one datagram behind its header line, to the byte") {
    UdpReceiver daemon;
    const auto emitter = make_udp_emitter(daemon.endpoint());
    CHECK(emitter->peer() == daemon.endpoint().to_string());
    const std::string document = "{\"name\":\"a\"}";
    emitter->emit(std::vector{document});
    CHECK(emitter->confirm(10s) == Delivery::sent);
    CHECK(daemon.receive() == "{\"format\":\"json\",\"version\":1}\n" + document);
    CHECK(daemon.is_empty());
    EmitterStats expected;
    expected.documents = 1;
    expected.sent = 1;
    expected.bytes = 30 + document.size();
    expected.flushes = 1;
    expected.receiver_drops = 0;
    CHECK(emitter->stats() == expected);
    CHECK_FALSE(emitter->is_daemon_absent());
    CHECK_FALSE(emitter->last_error().has_value());
  }

  TEST_CASE("a document that waits for company is sent when its time is over, asked or not") {
    UdpReceiver daemon;
    const auto emitter = make_udp_emitter(daemon.endpoint(), {.max_delay = 1ms});
    for (int n = 0; n < 3; ++n) {
      emitter->emit(numbered(n, 1));
      CHECK(daemon.await() == framed(numbered(n, 1)[0]));
    }
  }

  TEST_CASE("documents wait for company until they are a batch") {
    UdpReceiver daemon;
    const auto emitter = make_udp_emitter(daemon.endpoint(), {.max_delay = 1h});
    SUBCASE("of so many") {
      emitter->emit(numbered(0, 63));
      CHECK(daemon.is_empty());
      CHECK(emitter->stats().queued == 63);
      emitter->emit(numbered(63, 1));
      CHECK(daemon.receive_all().size() == 64);
      CHECK(emitter->stats().sent == 64);
    }
    SUBCASE("of so many bytes") {
      emitter->emit(copies(4, std::string(60'000, 'x')));
      CHECK(daemon.is_empty());
      emitter->emit(copies(1, std::string(60'000, 'x')));
      CHECK(emitter->stats().sent > 0);
    }
    SUBCASE("or somebody asks") {
      emitter->emit(numbered(0, 3));
      CHECK(daemon.is_empty());
      emitter->flush();
      CHECK(daemon.receive_all().size() == 3);
    }
  }

  TEST_CASE("without a delay every emit sends what it has, and no thread is made for that") {
    UdpReceiver daemon;
    const auto emitter = make_udp_emitter(daemon.endpoint(), kAtOnce);
    std::vector<std::string> sent = numbered(0, 70);
    for (const std::string& document : sent) {
      emitter->emit(std::span{&document, 1});
      REQUIRE(daemon.receive() == framed(document));
    }
    emitter->emit(sent);
    for (const std::string& document : sent) REQUIRE(daemon.receive() == framed(document));
    CHECK(emitter->stats().sent == 140);
  }

  TEST_CASE("the largest datagram is sent and a byte more is dropped and counted") {
    UdpReceiver daemon;
    const auto emitter = make_udp_emitter(daemon.endpoint(), kAtOnce);
    const std::string largest(65'477, 'x');
    emitter->emit(std::vector<std::string>{largest, largest + 'x'});
    CHECK(daemon.receive() == framed(largest));
    CHECK(daemon.is_empty());
    CHECK(emitter->stats().dropped_too_large == 1);
    CHECK(emitter->stats().sent == 1);
    CHECK(emitter->confirm(0ns) == Delivery::unsent);
    CHECK(emitter->last_error()->message ==
          "send to " + emitter->peer() + ": 65478 bytes are too many for a datagram");
  }

  TEST_CASE("a full queue loses the oldest first, counted") {
    const UnixPair pair;
    const auto emitter = make_udp_emitter_on(
        pair.ends[0], "test", {.queue_bytes = 10 * 1'030, .max_delay = 1h, .close_limit = 0ns});
    emitter->emit(copies(1'000, std::string(1'000, 'a')));
    pair.receive_all();
    emitter->emit(copies(1, "last"));
    emitter->flush();
    const std::vector<std::string> received = pair.receive_all();
    CHECK(received.back() == framed("last"));
    const EmitterStats stats = emitter->stats();
    CHECK(stats.dropped_queue_full > 0);
    CHECK(stats.sent + stats.dropped_queue_full == stats.documents);
  }

  TEST_CASE("documents that together are larger than the queue are sent all the same") {
    const UdpReceiver daemon;
    const auto emitter =
        make_udp_emitter(daemon.endpoint(), {.flow_control = FlowControl::off, .max_delay = 0ns});
    emitter->emit(copies(200, std::string(60'000, 'x')));
    CHECK(emitter->stats().sent == 200);
    CHECK(emitter->stats().dropped_queue_full == 0);
  }

  TEST_CASE("a peer that is gone for good costs what it is sent, counted") {
    auto pair = std::make_unique<UnixPair>();
    const auto emitter = make_udp_emitter_on(pair->ends[0], "test", kAtOnce);
    pair.reset();
    emitter->emit(copies(2, "{}"));
    CHECK(emitter->drain(5s));
    CHECK(emitter->confirm(1h) == Delivery::unsent);
    CHECK(emitter->stats().sent == 0);
    CHECK(emitter->stats().dropped_error == 2);
    CHECK(emitter->is_daemon_absent());
  }

  TEST_CASE("threads that share an emitter lose and mix nothing") {
    UdpReceiver daemon;
    const auto emitter = make_udp_emitter(daemon.endpoint());
    constexpr int kThreads = 4;
    constexpr int kEach = 500;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&emitter, thread] {
        for (int i = 0; i < kEach; ++i) emitter->emit(numbered(thread * kEach + i, 1, 600));
      });
    }
    std::vector<int> last(kThreads, -1);
    for (int received = 0; received < kThreads * kEach; ++received) {
      const std::string datagram = daemon.await();
      const int n = std::stoi(datagram.substr(kDatagramHeader.size() + 5));
      REQUIRE(datagram == framed(numbered(n, 1, 600)[0]));
      int& before = last[static_cast<std::size_t>(n / kEach)];
      REQUIRE(n % kEach == before + 1);
      before = n % kEach;
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(daemon.is_empty());
    const EmitterStats stats = emitter->stats();
    CHECK(stats.sent == kThreads * kEach);
    CHECK(accounted(stats) == stats.documents);
    CHECK(stats.receiver_drops == 0);
  }
}

}  // namespace xtrace::udp_emitter_test
