#include "xray/receiver_probe.h"

#include <array>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "xray/batch_sender.h"
#include "xray/udp_pair.h"

namespace xtrace::receiver_probe_test {

namespace {

using Answer = ReceiverProbe::Answer;
using testing::UdpPair;
using testing::Wire;

ReceiverRoom room_of(ReceiverProbe& probe) {
  ReceiverRoom room;
  REQUIRE(probe.ask(room) == Answer::room);
  return room;
}

/// Fills the receiver with as many datagrams as should fit, and tells how many were lost.
std::uint64_t lost_of_full_buffer(std::size_t payload, bool may_segment) {
  const UdpPair pair;
  ReceiverProbe probe(pair.sender());
  BatchSender sender(pair.sender(), may_segment);
  const std::size_t count = room_of(probe).size / truesize_of(payload);
  const std::string datagram(payload, 'x');
  const std::vector<std::string_view> datagrams(count, datagram);
  CHECK(sender.send(datagrams).taken == count);
  const std::uint64_t drops = room_of(probe).drops;
  CHECK(pair.receive_all() == count - drops);
  return drops;
}

}  // namespace

TEST_SUITE("xray/receiver_probe") {
  TEST_CASE("the room is what unread datagrams leave of the receiver's buffer") {
    Wire wire = Wire::ipv4;
    SUBCASE("over IPv4") {}
    SUBCASE("over IPv6") {
      wire = Wire::ipv6;
    }
    SUBCASE("over IPv4 from a socket for IPv6") {
      wire = Wire::mapped;
    }
    const UdpPair pair(wire);
    ReceiverProbe probe(pair.sender());
    CHECK(probe.is_local());
    const ReceiverRoom empty = room_of(probe);
    CHECK(empty.used == 0);
    CHECK(empty.drops == 0);
    int size = 0;
    socklen_t length = sizeof size;
    REQUIRE(::getsockopt(pair.receiver(), SOL_SOCKET, SO_RCVBUF, &size, &length) == 0);
    CHECK(empty.size == static_cast<std::size_t>(size));
    for (int i = 0; i < 50; ++i) pair.send(std::string(700, 'x'));
    const ReceiverRoom fuller = room_of(probe);
    CHECK(fuller.used >= 50 * 700);
    CHECK(fuller.used <= 50 * truesize_of(700));
    CHECK(pair.receive_all() == 50);
    CHECK(room_of(probe) == empty);
  }

  TEST_CASE("what the receiver's socket lost is in the answer") {
    const UdpPair pair;
    ReceiverProbe probe(pair.sender());
    for (int i = 0; i < 1000; ++i) pair.send(std::string(700, 'x'));
    const ReceiverRoom full = room_of(probe);
    const std::size_t received = pair.receive_all();
    CHECK(received < 1000);
    CHECK(full.drops == 1000 - received);
  }

  TEST_CASE("nobody is there while the receiver is gone") {
    Wire wire = Wire::ipv4;
    SUBCASE("over IPv4") {}
    SUBCASE("over IPv6") {
      wire = Wire::ipv6;
    }
    SUBCASE("over IPv4 from a socket for IPv6") {
      wire = Wire::mapped;
    }
    UdpPair pair(wire);
    ReceiverProbe probe(pair.sender());
    ReceiverRoom room;
    CHECK(probe.ask(room) == Answer::room);
    const ReceiverRoom before = room;
    pair.close_receiver();
    for (int i = 0; i < 10; ++i) CHECK(probe.ask(room) == Answer::nobody);
    CHECK(room == before);
    pair.open_receiver();
    CHECK(probe.ask(room) == Answer::room);
  }

  TEST_CASE("a socket that takes datagrams from another port only is nobody") {
    const UdpPair pair;
    const UdpPair other;
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    void* generic = &address;
    REQUIRE(::getsockname(other.sender(), static_cast<sockaddr*>(generic), &size) == 0);
    REQUIRE(::connect(pair.receiver(), static_cast<sockaddr*>(generic), size) == 0);
    ReceiverProbe probe(pair.sender());
    ReceiverRoom room;
    CHECK(probe.ask(room) == Answer::nobody);
  }

  TEST_CASE("as many datagrams fit as their true size says") {
    // The edges of the blocks that the kernel puts them in, and what is sent most.
    constexpr std::array<std::size_t, 21> kPayloads{
        1,    30,   197,  198,  645,  646,    690,    1472,   1669,   1670,  3717,
        3718, 7813, 7814, 8188, 8189, 16'004, 16'005, 32'000, 65'000, 65'507};
    for (const std::size_t payload : kPayloads) {
      CAPTURE(payload);
      CHECK(lost_of_full_buffer(payload, false) == 0);
      CHECK(lost_of_full_buffer(payload, true) == 0);
    }
  }

  TEST_CASE("the true size of a datagram is not far above what it takes") {
    constexpr std::size_t kBuffer = 212'992;
    struct Fit {
      std::size_t payload;
      std::size_t count;
    };
    // How many the kernel was seen to keep in that buffer.
    constexpr std::array<Fit, 8> kSeen{{{197, 256},
                                        {645, 166},
                                        {700, 92},
                                        {1669, 92},
                                        {3717, 48},
                                        {7813, 25},
                                        {32'000, 6},
                                        {65'000, 3}}};
    for (const Fit& seen : kSeen) {
      CAPTURE(seen.payload);
      CHECK(kBuffer / truesize_of(seen.payload) <= seen.count);
      CHECK(kBuffer / truesize_of(seen.payload) >= seen.count * 3 / 4);
    }
  }

  TEST_CASE("the kernel does not tell about a Unix socket, which is on this host all the same") {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_DGRAM, 0, ends.data()) == 0);
    ReceiverProbe probe(ends[0]);
    ReceiverRoom room;
    CHECK(probe.ask(room) == Answer::unknown);
    CHECK(probe.is_local());
    for (const int end : ends) ::close(end);
  }

  TEST_CASE("nothing is known of a socket that is not connected") {
    const int descriptor = ::socket(AF_INET, SOCK_DGRAM, 0);
    for (const int unconnected : {descriptor, -1}) {
      ReceiverProbe probe(unconnected);
      ReceiverRoom room;
      CHECK(probe.ask(room) == Answer::unknown);
      CHECK_FALSE(probe.is_local());
    }
    ::close(descriptor);
  }
}

}  // namespace xtrace::receiver_probe_test
