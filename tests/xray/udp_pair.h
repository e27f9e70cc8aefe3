#pragma once

/// A receiver on loopback and a socket connected to it, over IPv4, IPv6, or IPv4 from a socket for
/// IPv6.

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace xtrace::testing {

enum class Wire { ipv4, ipv6, mapped };

class UdpPair {
 public:
  explicit UdpPair(Wire wire = Wire::ipv4) : wire_(wire) {
    open_receiver();
    const bool is_ipv4 = wire == Wire::ipv4;
    sender_ = ::socket(is_ipv4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const void* to = is_ipv4 ? static_cast<const void*>(&ipv4_) : &ipv6_;
    const socklen_t size = is_ipv4 ? sizeof ipv4_ : sizeof ipv6_;
    REQUIRE(::connect(sender_, static_cast<const sockaddr*>(to), size) == 0);
  }
  UdpPair(const UdpPair&) = delete;
  UdpPair& operator=(const UdpPair&) = delete;
  ~UdpPair() {
    ::close(sender_);
    close_receiver();
  }

  int sender() const { return sender_; }
  int receiver() const { return receiver_; }

  void close_receiver() {
    if (receiver_ >= 0) ::close(receiver_);
    receiver_ = -1;
  }
  /// On the port it had before, where it had one.
  void open_receiver() {
    const bool is_ipv6 = wire_ == Wire::ipv6;
    receiver_ = ::socket(is_ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ipv4_.sin_family = AF_INET;
    ipv4_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ipv6_.sin6_family = AF_INET6;
    ipv6_.sin6_addr = in6addr_loopback;
    void* at = is_ipv6 ? static_cast<void*>(&ipv6_) : &ipv4_;
    socklen_t size = is_ipv6 ? sizeof ipv6_ : sizeof ipv4_;
    REQUIRE(::bind(receiver_, static_cast<sockaddr*>(at), size) == 0);
    REQUIRE(::getsockname(receiver_, static_cast<sockaddr*>(at), &size) == 0);
    if (wire_ != Wire::mapped) return;
    constexpr std::array<std::uint8_t, 16> kMapped{0, 0, 0,    0,    0,   0, 0, 0,
                                                   0, 0, 0xff, 0xff, 127, 0, 0, 1};
    std::memcpy(&ipv6_.sin6_addr, kMapped.data(), kMapped.size());
    ipv6_.sin6_port = ipv4_.sin_port;
  }

  void send(std::string_view datagram) const {
    REQUIRE(::send(sender_, datagram.data(), datagram.size(), 0) ==
            static_cast<ssize_t>(datagram.size()));
  }
  /// False where no datagram is there; on loopback one is as soon as it was sent.
  bool receive(std::string& datagram) const {
    datagram.resize(1U << 16U);
    const ssize_t size = ::recv(receiver_, datagram.data(), datagram.size(), MSG_DONTWAIT);
    datagram.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return size >= 0;
  }
  std::string receive() const {
    std::string datagram;
    REQUIRE_MESSAGE(receive(datagram), "no datagram is there");
    return datagram;
  }
  std::size_t receive_all() const {
    std::string datagram;
    std::size_t count = 0;
    while (receive(datagram)) ++count;
    return count;
  }

 private:
  Wire wire_;
  int receiver_ = -1;
  int sender_ = -1;
  sockaddr_in ipv4_{};
  sockaddr_in6 ipv6_{};
};

}  // namespace xtrace::testing
