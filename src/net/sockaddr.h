#pragma once

/// Between `Address` and the kernel's `sockaddr`.

#include <sys/socket.h>

#include <xtrace/address.h>

namespace xtrace {

/// The kernel's form of an address that is set. A Unix path that begins with `@` becomes a name in
/// the abstract namespace.
sockaddr_storage to_sockaddr(const Address& address);
/// How many bytes of it count; for an abstract name the length is part of the name.
socklen_t sockaddr_length(const Address& address);

/// IPv4 and IPv6; any other family gives an unset address.
Address from_sockaddr(const sockaddr* address);

}  // namespace xtrace
