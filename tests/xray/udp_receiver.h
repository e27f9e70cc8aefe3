#pragma once

/// A UDP socket on loopback that plays the daemon.

#include <chrono>
#include <string>
#include <vector>

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
  std::string receive() { return next(MSG_DONTWAIT); }
  /// The next datagram, which another thread sends; at most 5 s later.
  std::string await() {
    REQUIRE_MESSAGE(is_ready_within(std::chrono::seconds(5)), "no datagram within 5 s");
    return next(MSG_DONTWAIT);
  }
  bool is_ready_within(std::chrono::milliseconds limit) const {
    pollfd waiting{.fd = descriptor_, .events = POLLIN, .revents = 0};
    return ::poll(&waiting, 1, static_cast<int>(limit.count())) == 1;
  }
  bool is_empty() const { return !is_ready_within(std::chrono::milliseconds(0)); }
  /// What is there now.
  std::vector<std::string> receive_all() {
    std::vector<std::string> all;
    while (!is_empty()) all.push_back(receive());
    return all;
  }

 private:
  /// Without trailing spaces, which the emitter may add and JSON does not mind.
  std::string next(int flags) {
    std::string datagram(1U << 16U, '\0');
    const ssize_t size = ::recv(descriptor_, datagram.data(), datagram.size(), flags);
    REQUIRE_MESSAGE(size >= 0, "no datagram is there");
    datagram.resize(static_cast<std::size_t>(size));
    datagram.erase(datagram.find_last_not_of(' ') + 1);
    return datagram;
  }

  int descriptor_;
  std::uint16_t port_ = 0;
};

}  // namespace xtrace::testing
