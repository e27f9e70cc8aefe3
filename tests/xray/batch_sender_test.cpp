#include "xray/batch_sender.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "xray/udp_pair.h"

namespace xtrace::batch_sender_test {

namespace {

using testing::UdpPair;
using testing::Wire;

/// Datagrams of the given sizes, each with other bytes.
std::vector<std::string> datagrams_of(const std::vector<std::size_t>& sizes) {
  std::vector<std::string> datagrams;
  for (const std::size_t size : sizes) {
    const std::string number = std::to_string(datagrams.size());
    std::string text = number + std::string(size, static_cast<char>('a' + datagrams.size() % 26));
    text.resize(size);
    datagrams.push_back(std::move(text));
  }
  return datagrams;
}

SendResult send_all(BatchSender& sender, const std::vector<std::string>& datagrams) {
  const std::vector<std::string_view> views(datagrams.begin(), datagrams.end());
  return sender.send(views);
}

std::string without_padding(std::string datagram) {
  datagram.resize(datagram.find_last_not_of(' ') + 1);
  return datagram;
}

void check_arrives(const UdpPair& pair, const std::vector<std::string>& datagrams) {
  for (const std::string& datagram : datagrams) CHECK(without_padding(pair.receive()) == datagram);
  CHECK(pair.receive_all() == 0);
}

}  // namespace

TEST_SUITE("xray/batch_sender") {
  TEST_CASE("any number of datagrams arrives in order, 64 of them with one system call") {
    bool may_segment = false;
    Wire wire = Wire::ipv4;
    SUBCASE("one by one") {}
    SUBCASE("in trains") {
      may_segment = true;
    }
    SUBCASE("in trains over IPv6") {
      may_segment = true;
      wire = Wire::ipv6;
    }
    SUBCASE("in trains from a socket for IPv6 over IPv4") {
      may_segment = true;
      wire = Wire::mapped;
    }
    const UdpPair pair(wire);
    for (const std::size_t count : {0U, 1U, 2U, 63U, 64U, 65U, 90U}) {
      CAPTURE(count);
      BatchSender sender(pair.sender(), may_segment);
      CHECK(sender.segments() == may_segment);
      const auto datagrams = datagrams_of(std::vector<std::size_t>(count, 690));
      const SendResult result = send_all(sender, datagrams);
      CHECK(result.taken == count);
      CHECK(result.error == 0);
      CHECK(sender.calls() == (count + 63) / 64);
      for (const std::string& datagram : datagrams) CHECK(pair.receive() == datagram);
      CHECK(pair.receive_all() == 0);
    }
  }

  TEST_CASE("similar sizes are padded with spaces to the largest, and the last is not") {
    const UdpPair pair;
    BatchSender sender(pair.sender(), true);
    const auto datagrams = datagrams_of({690, 700, 680, 695, 650});
    CHECK(send_all(sender, datagrams).taken == 5);
    CHECK(pair.receive() == datagrams[0] + std::string(10, ' '));
    CHECK(pair.receive() == datagrams[1]);
    CHECK(pair.receive() == datagrams[2] + std::string(20, ' '));
    CHECK(pair.receive() == datagrams[3] + std::string(5, ' '));
    CHECK(pair.receive() == datagrams[4]);
    CHECK(datagrams == datagrams_of({690, 700, 680, 695, 650}));
  }

  TEST_CASE("what would cost more than an eighth is not padded") {
    const UdpPair pair;
    BatchSender sender(pair.sender(), true);
    for (const auto& sizes : {std::vector<std::size_t>{100, 200, 400, 800, 1600, 3200},
                              std::vector<std::size_t>{3000, 300, 3000, 300, 3000, 300}}) {
      const auto datagrams = datagrams_of(sizes);
      CHECK(send_all(sender, datagrams).taken == datagrams.size());
      for (const std::string& datagram : datagrams) CHECK(pair.receive() == datagram);
    }
    CHECK(sender.segments());
  }

  TEST_CASE("whatever the sizes, all arrives, and padding stays under an eighth") {
    std::minstd_rand random(3);  // NOLINT(*-msc51-cpp): the same sizes every time
    const UdpPair pair;
    BatchSender sender(pair.sender(), true);
    for (int round = 0; round < 200; ++round) {
      CAPTURE(round);
      const std::size_t spread = 1 + random() % 1'500;
      const bool is_large = round % 4 == 0;
      const std::size_t least = 1 + random() % (is_large ? 8'000 : 1'000);
      std::vector<std::size_t> sizes(1 + random() % (is_large ? 12 : 48));
      for (std::size_t& size : sizes) size = least + random() % spread;
      const auto datagrams = datagrams_of(sizes);
      const SendResult result = send_all(sender, datagrams);
      REQUIRE(result.taken == datagrams.size());
      REQUIRE(result.error == 0);
      std::size_t sent = 0;
      std::size_t received = 0;
      for (const std::string& datagram : datagrams) {
        const std::string arrived = pair.receive();
        REQUIRE(without_padding(arrived) == datagram);
        sent += datagram.size();
        received += arrived.size();
      }
      CHECK((received - sent) * 8 <= sent);
    }
    CHECK(sender.segments());
  }

  TEST_CASE("a kernel that refuses a train gets the datagrams one by one from then on") {
    const UdpPair pair;
    BatchSender sender(pair.sender(), true);
    // Without a checksum of its own a datagram cannot be cut out of a train.
    const int yes = 1;
    REQUIRE(::setsockopt(pair.sender(), SOL_SOCKET, SO_NO_CHECK, &yes, sizeof yes) == 0);
    std::vector<std::size_t> sizes(40, 690);
    sizes.front() = 100;
    for (const std::uint64_t calls : {3U, 4U}) {
      const auto datagrams = datagrams_of(sizes);
      const SendResult result = send_all(sender, datagrams);
      CHECK(result.taken == 40);
      CHECK(result.error == 0);
      CHECK_FALSE(sender.segments());
      CHECK(sender.calls() == calls);
      check_arrives(pair, datagrams);
    }
  }

  TEST_CASE("what a closed port refuses is not taken, and arrives when it is sent again") {
    std::size_t count = 1;
    bool may_segment = false;
    SUBCASE("one datagram") {}
    SUBCASE("a batch") {
      count = 64;
    }
    SUBCASE("two batches") {
      count = 80;
    }
    SUBCASE("a train") {
      count = 64;
      may_segment = true;
    }
    UdpPair pair;
    BatchSender sender(pair.sender(), may_segment);
    const auto datagrams = datagrams_of(std::vector<std::size_t>(count, 690));
    pair.close_receiver();
    for (int i = 0; i < 3; ++i) {
      const SendResult result = send_all(sender, datagrams);
      CHECK(result.taken == 0);
      CHECK(result.error == ECONNREFUSED);
    }
    pair.open_receiver();
    const SendResult result = send_all(sender, datagrams);
    CHECK(result.taken == count);
    CHECK(result.error == 0);
    check_arrives(pair, datagrams);
  }

  TEST_CASE("a datagram that is too large stops the batch, behind what was taken") {
    const UdpPair pair;
    BatchSender sender(pair.sender(), true);
    const auto datagrams = datagrams_of({690, 690, 690, 690, 65'508, 690});
    SendResult result = send_all(sender, datagrams);
    CHECK(result.taken == 4);
    CHECK(result.error == EMSGSIZE);
    result = send_all(sender, {datagrams[4], datagrams[5]});
    CHECK(result.taken == 0);
    CHECK(result.error == EMSGSIZE);
    CHECK(sender.segments());
    CHECK(pair.receive_all() == 4);
  }

  TEST_CASE("a full Unix socket stops the batch, and what was taken is what arrives") {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_DGRAM, 0, ends.data()) == 0);
    BatchSender sender(ends[0], true);
    CHECK_FALSE(sender.segments());
    const auto datagrams = datagrams_of(std::vector<std::size_t>(3'000, 690));
    const SendResult result = send_all(sender, datagrams);
    CHECK(result.taken > 0);
    CHECK(result.taken < 3'000);
    CHECK(result.error == EAGAIN);
    std::array<char, 1024> room{};
    std::size_t received = 0;
    while (::recv(ends[1], room.data(), room.size(), MSG_DONTWAIT) > 0) ++received;
    CHECK(received == result.taken);
    for (const int end : ends) ::close(end);
  }

  TEST_CASE("a descriptor that is no socket takes nothing and says why") {
    BatchSender sender(-1, true);
    const SendResult result = send_all(sender, datagrams_of({100}));
    CHECK(result.taken == 0);
    CHECK(result.error == EBADF);
  }
}

}  // namespace xtrace::batch_sender_test
