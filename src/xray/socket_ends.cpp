#include "xray/socket_ends.h"

#include <cstring>

#include <sys/socket.h>
#include <unistd.h>

namespace xtrace {

namespace {

using AskForEnd = int (*)(int, sockaddr*, socklen_t*);

SocketEnd ipv6_end(const sockaddr_in6& address) {
  SocketEnd end{.family = AF_INET6, .ipv6 = address.sin6_addr, .port = address.sin6_port};
  if (!IN6_IS_ADDR_V4MAPPED(&end.ipv6)) return end;
  end.family = AF_INET;
  std::memcpy(&end.ipv4, &end.ipv6.s6_addr[12], sizeof end.ipv4);
  return end;
}

std::optional<SocketEnd> end_of(int descriptor, AskForEnd ask) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  void* address = &storage;
  if (ask(descriptor, static_cast<sockaddr*>(address), &size) != 0) return std::nullopt;
  switch (storage.ss_family) {
    case AF_INET: {
      const auto& ipv4 = *static_cast<const sockaddr_in*>(address);
      return SocketEnd{.family = AF_INET, .ipv4 = ipv4.sin_addr, .port = ipv4.sin_port};
    }
    case AF_INET6:
      return ipv6_end(*static_cast<const sockaddr_in6*>(address));
    case AF_UNIX:
      return SocketEnd{.family = AF_UNIX};
    default:
      return std::nullopt;
  }
}

bool can_bind_to(const SocketEnd& end) {
  sockaddr_in ipv4{};
  ipv4.sin_family = AF_INET;
  ipv4.sin_addr = end.ipv4;
  sockaddr_in6 ipv6{};
  ipv6.sin6_family = AF_INET6;
  ipv6.sin6_addr = end.ipv6;
  const bool is_ipv4 = end.family == AF_INET;
  const void* address = is_ipv4 ? static_cast<const void*>(&ipv4) : &ipv6;
  const socklen_t size = is_ipv4 ? sizeof ipv4 : sizeof ipv6;
  const int descriptor = ::socket(end.family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return false;
  const bool is_bound = ::bind(descriptor, static_cast<const sockaddr*>(address), size) == 0;
  ::close(descriptor);
  return is_bound;
}

}  // namespace

bool SocketEnd::is_loopback() const {
  if (family == AF_INET) return ntohl(ipv4.s_addr) >> 24U == 127;
  return family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&ipv6);
}

bool SocketEnd::is_same_address(const SocketEnd& other) const {
  if (family != other.family) return false;
  if (family == AF_INET) return ipv4.s_addr == other.ipv4.s_addr;
  return family == AF_INET6 && IN6_ARE_ADDR_EQUAL(&ipv6, &other.ipv6);
}

std::optional<SocketEnds> ends_of(int descriptor) {
  const std::optional<SocketEnd> local = end_of(descriptor, &::getsockname);
  const std::optional<SocketEnd> peer = end_of(descriptor, &::getpeername);
  if (!local || !peer) return std::nullopt;
  return SocketEnds{*local, *peer};
}

bool is_on_this_host(const SocketEnds& ends) {
  if (ends.peer.family == AF_UNIX || ends.peer.is_loopback()) return true;
  return ends.peer.is_same_address(ends.local) || can_bind_to(ends.peer);
}

}  // namespace xtrace
