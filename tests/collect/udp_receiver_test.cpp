#include "collect/udp_receiver.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collect/document_ring.h"
#include "collect/wide_count.h"
#include "net/descriptor.h"
#include "net/sockaddr.h"
#include "support/test_loop.h"

namespace udp_receiver_test {

using namespace xtrace;
using namespace xtrace::collect;
using xtrace::testing::TestLoop;

namespace {

constexpr std::string_view kHeader = "{\"format\":\"json\",\"version\":1}\n";

/// Sends datagrams to an address.
class Sender {
 public:
  explicit Sender(const Address& to)
      : socket_(::socket(to_sockaddr(to).ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const sockaddr_storage address = to_sockaddr(to);
    REQUIRE(::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address),
                      sockaddr_length(to)) == 0);
  }

  void send(std::string_view datagram) const {
    REQUIRE(::send(socket_.get(), datagram.data(), datagram.size(), 0) ==
            static_cast<ssize_t>(datagram.size()));
  }
  void send_document(std::string_view document) const {
    send(std::string(kHeader).append(document));
  }

 private:
  Descriptor socket_;
};

struct Fixture {
  explicit Fixture(UdpReceiverConfig config = {.address = Address::from_ipv4({127, 0, 0, 1}, 0)}) {
    auto started =
        UdpReceiver::listen(loop, config, [this](std::string_view document, WallTime at) {
          documents.emplace_back(document);
          last = at;
        });
    REQUIRE(started);
    receiver = std::move(started).value();
  }

  /// Runs the loop until so many documents have come.
  void wait_for(std::size_t count) {
    loop.run_until([this, count] { return documents.size() >= count; });
    CHECK(documents.size() == count);
  }

  /// Sends so many documents, each beginning with its number, as fast as the thread reads them:
  /// without privileges the socket's buffer is small.
  void send_numbered(std::size_t count, const std::string& more, std::size_t unread = 0) {
    const Sender sender(receiver->address());
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    for (std::size_t i = 0; i < count; ++i) {
      sender.send_document(std::to_string(i) + more);
      while (i % 64 == 0 && receiver->stats().datagrams + unread < i) {
        REQUIRE(std::chrono::steady_clock::now() < end);
        std::this_thread::yield();
      }
    }
  }

  TestLoop loop;
  std::vector<std::string> documents;
  WallTime last{};
  std::unique_ptr<UdpReceiver> receiver;
};

}  // namespace

TEST_SUITE("collect/udp_receiver") {
  TEST_CASE("a datagram is taken where the daemon would take it") {
    Fixture fixture;
    const Sender sender(fixture.receiver->address());
    for (const std::string_view wrong :
         {"{\"format\":\"json\",\"version\":2}\n{}", "{\"format\":\"xml\",\"version\":1}\n{}",
          "{\"format\":\"json\",\"version\":1}", "{\"format\":\"json\",\"version\":1}\n",
          "\xEF\xBB\xBF{\"format\":\"json\",\"version\":1}\n{}",
          "{\"format\":\"json\",\"version\":1}{}\n{}", "\n{}", "[]\n{}"}) {
      sender.send(wrong);
    }
    sender.send("");
    sender.send("{\"format\":\"json\",\"version\":1}\n{\"a\":1}");
    sender.send("{\"format\": \"json\", \"version\": 1}\n{\"a\":2}");
    sender.send("{\"format\": \"jSoN\", \"version\": 1}\nx");
    sender.send("{\"format\":\"json\",\"version\":1}\n{\"a\":1}\n{\"b\":2}");
    sender.send(" {\"VERSION\":1,\"more\":[],\"format\":\"json\"} \r\n{}");
    const WallTime before = std::chrono::system_clock::now() - std::chrono::seconds(5);
    fixture.wait_for(5);

    CHECK(fixture.documents ==
          std::vector<std::string>{"{\"a\":1}", "{\"a\":2}", "x", "{\"a\":1}\n{\"b\":2}", "{}"});
    CHECK(fixture.last > before);
    const UdpReceiverStats stats = fixture.receiver->stats();
    CHECK(stats.datagrams == 14);
    CHECK(stats.rejected_header == 8);
    CHECK(stats.empty == 1);
    CHECK(stats.kernel_drops == 0);
    CHECK(stats.socket_buffer > 0);
  }

  TEST_CASE("the largest datagram of both families arrives whole") {
    for (const Address& address :
         {Address::from_ipv4({127, 0, 0, 1}, 0), *Address::from_ip("::1", 0)}) {
      Fixture fixture({.address = address});
      const std::size_t most = address.family() == Address::Family::ipv4 ? 65507 : 65527;
      const std::string document(most - kHeader.size(), 'x');
      const Sender sender(fixture.receiver->address());
      CHECK(fixture.receiver->address().port() != 0);
      // Often enough that it wraps around the smallest ring.
      for (std::size_t i = 1; i <= 30; ++i) {
        sender.send_document(document);
        fixture.wait_for(i);
        CHECK(fixture.documents.back() == document);
      }
      CHECK(fixture.receiver->stats().bytes == 30 * most);
    }
  }

  TEST_CASE("what does not fit the ring waits in the socket, in its order") {
    Fixture fixture({.address = Address::from_ipv4({127, 0, 0, 1}, 0), .ring_bytes = 1});
    // More than the ring holds, and less than that, a batch and the smallest of buffers.
    constexpr std::size_t kCount = 620;
    fixture.send_numbered(kCount, std::string(1000, 'x'), 120);
    SUBCASE("until the loop comes to it") {
      fixture.wait_for(kCount);
    }
    SUBCASE("and is taken by draining") {
      fixture.receiver->drain();
    }

    REQUIRE(fixture.documents.size() == kCount);
    for (std::size_t i = 0; i < kCount; ++i) CHECK(std::stoul(fixture.documents[i]) == i);
    CHECK(fixture.receiver->stats().kernel_drops == 0);
    Sender(fixture.receiver->address()).send_document("later");
    fixture.wait_for(kCount + 1);
  }

  TEST_CASE("a flood leaves the loop time for others") {
    Fixture fixture;
    constexpr std::size_t kCount = 2000;
    fixture.send_numbered(kCount, "");
    std::size_t seen = 0;
    fixture.loop.run_until([&fixture] { return !fixture.documents.empty(); });
    fixture.loop.loop().post([&] { seen = fixture.documents.size(); });
    fixture.wait_for(kCount);
    CHECK(seen > 0);
    CHECK(seen < kCount);
  }

  TEST_CASE("what the kernel drops is counted") {
    Fixture fixture(
        {.address = Address::from_ipv4({127, 0, 0, 1}, 0), .socket_buffer = 4096, .ring_bytes = 1});
    const Sender sender(fixture.receiver->address());
    const std::string large(60'000, 'x');
    // The loop takes nothing meanwhile: the ring is full after a few.
    constexpr std::size_t kCount = 200;
    for (std::size_t i = 0; i < kCount; ++i) sender.send_document(large);
    fixture.receiver->drain();

    const UdpReceiverStats stats = fixture.receiver->stats();
    CHECK(stats.kernel_drops > 0);
    CHECK(stats.kernel_drops + fixture.documents.size() == kCount);
    CHECK(stats.datagrams == fixture.documents.size());
  }

  TEST_CASE("a receiver may go while a document is taken, and with documents untaken") {
    TestLoop loop;
    std::unique_ptr<UdpReceiver> receiver;
    int taken = 0;
    auto started = UdpReceiver::listen(loop, {.address = Address::from_ipv4({127, 0, 0, 1}, 0)},
                                       [&](std::string_view, WallTime) {
                                         ++taken;
                                         receiver.reset();
                                       });
    REQUIRE(started);
    receiver = std::move(started).value();
    const Sender sender(receiver->address());
    for (int i = 0; i < 10; ++i) sender.send_document("x");
    loop.run_until([&] { return taken > 0; });
    loop.spin();
    CHECK(taken == 1);
  }

  TEST_CASE("an address that is taken is refused with the name of its holder") {
    TestLoop loop;
    Fixture fixture;
    const Address& address = fixture.receiver->address();
    const auto second = UdpReceiver::listen(loop, {.address = address}, nullptr);
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Error::Code::listen_failed);
    std::array<char, 16> name{};
    ::prctl(PR_GET_NAME, name.data());
    const std::string self =
        std::string("held by ") + name.data() + " (pid " + std::to_string(::getpid()) + ")";
    CHECK(second.error().message == "listen on " + address.to_string() +
                                        " (UDP): address already in use (EADDRINUSE), " + self);
    CHECK(holder_of_port(address, false).empty());
    CHECK(holder_of_port(Address::from_ipv4({0, 0, 0, 0}, address.port()), true) == self);
    CHECK(holder_of_port(*Address::from_ip("::", address.port()), true) == self);
    CHECK(holder_of_port(*Address::from_ip("::1", address.port()), true).empty());
    CHECK(holder_of_port(Address::from_ipv4({127, 0, 0, 2}, address.port()), true).empty());

    CHECK_FALSE(UdpReceiver::listen(loop, {.address = *Address::from_path("@x")}, nullptr));
    CHECK_FALSE(
        UdpReceiver::listen(loop, {.address = Address::from_ipv4({192, 0, 2, 1}, 0)}, nullptr));
  }

  TEST_CASE("a count modulo 2^32 goes on where it wraps") {
    WideCount count;
    for (const std::uint32_t now : {7U, 0x7FFFFFFFU, 5U, 0xFFFFFFFFU, 0xFFFFFFF0U, 4U, 0xFFFFFFFFU})
      count.see(now);
    CHECK(count.value() == 0x100000004U);
  }

  TEST_CASE("the ring hands on everything in order, whoever is faster") {
    DocumentRing ring(1);
    constexpr std::size_t kCount = 5'000;
    const auto text_of = [](std::size_t number) {
      return std::to_string(number) + std::string(number * 37 % 3000, 'x');
    };
    std::thread pusher([&] {
      for (std::size_t number = 0; number < kCount;) {
        const bool is_pushed = ring.push(text_of(number), WallTime(WallTime::duration(number)));
        if (is_pushed) ++number;
        if (!is_pushed || number % 64 == 0) ring.publish();
        if (!is_pushed) std::this_thread::yield();
      }
      ring.publish();
    });
    std::size_t next = 0;
    std::size_t wrong = 0;
    DocumentRing::Record record;
    while (next < kCount) {
      while (ring.take(record)) {
        const bool is_right = record.document == text_of(next) &&
                              record.received == WallTime(WallTime::duration(next));
        if (!is_right) ++wrong;
        ++next;
      }
      ring.retire();
      std::this_thread::yield();
    }
    pusher.join();
    CHECK(wrong == 0);
    CHECK(ring.is_empty());
  }
}

}  // namespace udp_receiver_test
