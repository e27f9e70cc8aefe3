#pragma once

/// The two addresses of a connected datagram socket, and whether the far one is on this host.

#include <cstdint>
#include <optional>

#include <netinet/in.h>

namespace xtrace {

/// An address and port in network byte order. An IPv4 address that came mapped into IPv6 is IPv4
/// here, for that is what its packets are.
struct SocketEnd {
  int family = AF_UNSPEC;  ///< AF_INET, AF_INET6 or AF_UNIX; a Unix end has no address.
  in_addr ipv4{};
  in6_addr ipv6{};
  std::uint16_t port = 0;

  bool is_loopback() const;
  bool is_same_address(const SocketEnd& other) const;
};

struct SocketEnds {
  SocketEnd local{};
  SocketEnd peer{};
};

/// Nothing where the descriptor is no connected socket of the three families.
std::optional<SocketEnds> ends_of(int descriptor);

/// True where the peer's address is one of this host's, as a Unix socket's always is. May try to
/// bind a socket of its own to the address.
bool is_on_this_host(const SocketEnds& ends);

}  // namespace xtrace
