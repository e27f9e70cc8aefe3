#include "support/listener.h"

#include <utility>

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>

#include "net/sockaddr.h"

namespace xtrace::testing {

namespace {

constexpr std::size_t kMostFillers = 16;

Descriptor open_socket(const Address& address) {
  Descriptor socket(
      ::socket(to_sockaddr(address).ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  REQUIRE(socket.is_open());
  return socket;
}

void share_port(const Descriptor& socket) {
  const int on = 1;
  setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
}

// On loopback the handshake is over when connect(2) returns, unless nobody answers.
bool connects_at_once(const Descriptor& socket, const Address& address) {
  const sockaddr_storage to = to_sockaddr(address);
  connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), sockaddr_length(address));
  pollfd ready{.fd = socket.get(), .events = POLLOUT, .revents = 0};
  return poll(&ready, 1, 0) == 1;
}

}  // namespace

Descriptor bind_socket(const Address& address) {
  Descriptor socket = open_socket(address);
  // Who comes back to a port meets connections of its own in TIME_WAIT, which are in the way unless
  // they and the newcomer agree to share. A free port is not shared: another might be given it too.
  if (address.port() != 0) share_port(socket);
  const sockaddr_storage at = to_sockaddr(address);
  REQUIRE(bind(socket.get(), reinterpret_cast<const sockaddr*>(&at), sockaddr_length(address)) ==
          0);
  share_port(socket);
  return socket;
}

Address bound_address(const Descriptor& socket, const Address& address) {
  if (address.family() == Address::Family::local) return address;
  sockaddr_storage at{};
  socklen_t length = sizeof at;
  REQUIRE(getsockname(socket.get(), reinterpret_cast<sockaddr*>(&at), &length) == 0);
  return from_sockaddr(reinterpret_cast<const sockaddr*>(&at));
}

SilentAddress::SilentAddress(const Address& address)
    : listener_(bind_socket(address)), address_(bound_address(listener_, address)) {
  REQUIRE(listen(listener_.get(), 0) == 0);
  for (;;) {
    Descriptor& filler = fillers_.emplace_back(open_socket(address_));
    if (!connects_at_once(filler, address_)) return;
    REQUIRE(fillers_.size() < kMostFillers);
  }
}

RefusingAddress::RefusingAddress(const Address& address)
    : socket_(bind_socket(address)), address_(bound_address(socket_, address)) {}

}  // namespace xtrace::testing
