#include <memory>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <xtrace/segment.h>
#include <xtrace/udp_emitter.h>

#include "xray/documents.h"
#include "xray/udp_receiver.h"

namespace xtrace {

namespace {

using testing::UdpReceiver;
using namespace std::chrono_literals;

const std::string kHeader = "{\"format\":\"json\",\"version\":1}\n";

std::unique_ptr<UdpEmitter> emitter_to(const DaemonEndpoint& endpoint) {
  return make_udp_emitter(endpoint);
}

std::vector<std::string> documents(std::size_t count, const std::string& text) {
  return std::vector<std::string>(count, text);
}

/// Both ends of a datagram socket that, unlike loopback, says when its receiver is full.
struct UnixPair {
  int ends[2];
  UnixPair() { REQUIRE(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends) == 0); }
  UnixPair(const UnixPair&) = delete;
  UnixPair& operator=(const UnixPair&) = delete;
  ~UnixPair() { ::close(ends[1]); }

  std::vector<std::string> receive_all() const {
    std::vector<std::string> all;
    std::string datagram(1U << 16U, '\0');
    while (true) {
      const ssize_t size = ::recv(ends[1], datagram.data(), datagram.size(), 0);
      if (size < 0) return all;
      all.push_back(datagram.substr(0, static_cast<std::size_t>(size)));
    }
  }
};

}  // namespace

TEST_SUITE("xray/udp_emitter") {
  TEST_CASE("a document arrives as one datagram behind its header line, to the byte") {
    UdpReceiver daemon;
    const auto emitter = emitter_to(daemon.endpoint());
    CHECK(emitter->peer() == daemon.endpoint().to_string());
    Segment segment = Segment::begin("a");
    segment.end();
    const DocumentSet set = segment.documents();
    emitter->emit(set);
    CHECK(emitter->confirm(10s) == Delivery::sent);
    CHECK(daemon.receive() == kHeader + set.documents[0]);
    CHECK(daemon.is_empty());
    EmitterStats expected;
    expected.documents = 1;
    expected.sent = 1;
    expected.bytes = kHeader.size() + set.documents[0].size();
    CHECK(emitter->stats() == expected);
    CHECK_FALSE(emitter->is_daemon_absent());
    CHECK_FALSE(emitter->last_error().has_value());
  }

  TEST_CASE("documents arrive one by one, in order, past the size of a batch") {
    UdpReceiver daemon;
    const auto emitter = emitter_to(daemon.endpoint());
    std::vector<std::string> sent;
    for (int i = 0; i < 150; ++i) sent.push_back("{\"i\":" + std::to_string(i) + "}");
    emitter->emit(sent);
    for (const std::string& document : sent) REQUIRE(daemon.receive() == kHeader + document);
    CHECK(daemon.is_empty());
    CHECK(emitter->stats().sent == 150);
  }

  TEST_CASE("the largest datagram is sent and a byte more is dropped and counted") {
    UdpReceiver daemon;
    const auto emitter = emitter_to(daemon.endpoint());
    const std::string largest(65'477, 'x');
    emitter->emit(std::vector<std::string>{largest, largest + 'x'});
    CHECK(daemon.receive() == kHeader + largest);
    CHECK(daemon.is_empty());
    CHECK(emitter->stats().dropped_too_large == 1);
    CHECK(emitter->stats().sent == 1);
    CHECK(emitter->confirm(0ns) == Delivery::unsent);
    CHECK(emitter->last_error()->message ==
          "send to " + emitter->peer() + ": 65478 bytes are too many for a datagram");
  }

  TEST_CASE("a closed port is a refusal, known without a wait") {
    auto daemon = std::make_unique<UdpReceiver>();
    const auto emitter = emitter_to(daemon->endpoint());
    daemon.reset();
    for (std::uint64_t round = 1; round <= 5; ++round) {
      emitter->emit(documents(1, "{}"));
      CHECK(emitter->confirm(1h) == Delivery::refused);
      CHECK(emitter->is_daemon_absent());
      CHECK(emitter->stats().refused == round);
    }
    CHECK(emitter->last_error()->code == Error::Code::emit_refused);
    CHECK(emitter->last_error()->message ==
          "send to " + emitter->peer() + ": connection refused (ECONNREFUSED)");
  }

  TEST_CASE("every datagram of a batch to a closed port is counted as refused") {
    auto daemon = std::make_unique<UdpReceiver>();
    const auto emitter = emitter_to(daemon->endpoint());
    daemon.reset();
    emitter->emit(documents(100, "{}"));
    CHECK(emitter->stats().sent == 100);
    CHECK(emitter->stats().refused == 100);
    CHECK(emitter->confirm(1h) == Delivery::refused);
  }

  TEST_CASE("a daemon that comes back gets the next document") {
    auto daemon = std::make_unique<UdpReceiver>();
    const DaemonEndpoint endpoint = daemon->endpoint();
    const auto emitter = emitter_to(endpoint);
    emitter->emit(documents(1, "{\"n\":1}"));
    CHECK(daemon->receive() == kHeader + "{\"n\":1}");
    daemon.reset();
    emitter->emit(documents(1, "{\"n\":2}"));
    CHECK(emitter->is_daemon_absent());
    daemon = std::make_unique<UdpReceiver>(endpoint.port);
    emitter->emit(documents(1, "{\"n\":3}"));
    CHECK_FALSE(emitter->is_daemon_absent());
    CHECK(emitter->confirm(1h) == Delivery::sent);
    CHECK(daemon->receive() == kHeader + "{\"n\":3}");
    CHECK(daemon->is_empty());
  }

  TEST_CASE("a full receiver keeps the rest in the queue until there is room") {
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
      REQUIRE_FALSE(some.empty());
      received.insert(received.end(), some.begin(), some.end());
      emitter->flush();
    }
    for (std::size_t i = 0; i < sent.size(); ++i) REQUIRE(received[i] == kHeader + sent[i]);
    CHECK(emitter->stats().sent == 300);
    CHECK(emitter->stats().dropped_queue_full == 0);
    CHECK(emitter->confirm(0ns) == Delivery::sent);
  }

  TEST_CASE("a full queue loses the oldest first, counted") {
    const UnixPair pair;
    const auto emitter = make_udp_emitter_on(pair.ends[0], "test", {.queue_bytes = 10 * 1'030});
    emitter->emit(documents(1'000, std::string(1'000, 'a')));
    pair.receive_all();
    emitter->emit(documents(1, "last"));
    std::vector<std::string> received = pair.receive_all();
    emitter->flush();
    for (std::string& datagram : pair.receive_all()) received.push_back(std::move(datagram));
    CHECK(received.back() == kHeader + "last");
    const EmitterStats stats = emitter->stats();
    CHECK(stats.dropped_queue_full > 0);
    CHECK(stats.sent + stats.dropped_queue_full == stats.documents);
  }

  TEST_CASE("documents that together are larger than the queue are sent all the same") {
    const UdpReceiver daemon;
    const auto emitter = emitter_to(daemon.endpoint());
    emitter->emit(documents(200, std::string(60'000, 'x')));
    CHECK(emitter->stats().sent == 200);
    CHECK(emitter->stats().dropped_queue_full == 0);
  }

  TEST_CASE("a peer that is gone for good costs what it is sent, counted") {
    auto pair = std::make_unique<UnixPair>();
    const auto emitter = make_udp_emitter_on(pair->ends[0], "test");
    pair.reset();
    emitter->emit(documents(2, "{}"));
    CHECK(emitter->confirm(1h) == Delivery::unsent);
    CHECK(emitter->stats().sent == 0);
    CHECK(emitter->stats().dropped_error == 2);
    CHECK(emitter->is_daemon_absent());
  }

  TEST_CASE("threads that share an emitter lose and mix nothing") {
    const UnixPair pair;
    const auto emitter = make_udp_emitter_on(pair.ends[0], "test");
    Segment segment = Segment::begin("shared");
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&segment, &emitter] {
        for (int i = 0; i < 50; ++i) {
          Subsegment work = segment.begin_subsegment("work");
          work.annotate("i", i);
          work.set_status(404);
          if (i % 10 == 0) emitter->emit(segment.documents());
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    segment.end();
    emitter->emit(segment.documents({.max_subsegments = 1'000}));
    std::size_t count = 0;
    nlohmann::json last;
    for (emitter->flush(); count < emitter->stats().documents; emitter->flush()) {
      for (const std::string& datagram : pair.receive_all()) {
        REQUIRE(datagram.starts_with(kHeader));
        last = testing::parse_document(datagram.substr(kHeader.size()));
        ++count;
      }
    }
    CHECK(last["subsegments"].size() == 200);
  }

  TEST_CASE("an endpoint that does not exist is an error with its name") {
    const std::string host(70, 'a');  // no name server is asked for a label this long
    const auto made = make_udp_emitter({.host = host, .port = 1});
    REQUIRE(made->last_error());
    CHECK(made->last_error()->code == Error::Code::emit_failed);
    CHECK(made->last_error()->message.starts_with("emit to " + host + ":1: look the host up: "));
  }
}

}  // namespace xtrace
