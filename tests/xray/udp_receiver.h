#pragma once

/// A UDP socket on loopback that plays the daemon.

#include <array>
#include <string>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <xtrace/daemon_address.h>

namespace xtrace::testing {

class UdpReceiver {
 public:
  /// Port 0 takes any free one.
  explicit UdpReceiver(std::uint16_t port = 0)
      : descriptor_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    void* generic = &address;
    socklen_t size = sizeof address;
    REQUIRE(::bind(descriptor_, static_cast<sockaddr*>(generic), size) == 0);
    REQUIRE(::getsockname(descriptor_, static_cast<sockaddr*>(generic), &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  UdpReceiver(const UdpReceiver&) = delete;
  UdpReceiver& operator=(const UdpReceiver&) = delete;
  ~UdpReceiver() { ::close(descriptor_); }

  DaemonEndpoint endpoint() const { return {.host = "127.0.0.1", .port = port_}; }

  /// The next datagram; on loopback it is there when `send` has returned.
  std::string receive() {
    std::string datagram(1U << 16U, '\0');
    const ssize_t size = ::recv(descriptor_, datagram.data(), datagram.size(), MSG_DONTWAIT);
    REQUIRE_MESSAGE(size >= 0, "no datagram is there");
    datagram.resize(static_cast<std::size_t>(size));
    return datagram;
  }
  bool is_empty() const {
    pollfd waiting{.fd = descriptor_, .events = POLLIN, .revents = 0};
    return ::poll(&waiting, 1, 0) == 0;
  }

 private:
  int descriptor_;
  std::uint16_t port_ = 0;
};

}  // namespace xtrace::testing
