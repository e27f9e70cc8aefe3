#pragma once

/// Between `Address` and the kernel's `sockaddr`.

#include <sys/socket.h>

#include <xtrace/address.h>

namespace xtrace {

/// The kernel's form of an IP address; a Unix path is passed to libuv as text and has none here.
sockaddr_storage to_sockaddr(const Address& address);
socklen_t sockaddr_length(const Address& address);
/// IPv4 and IPv6; any other family gives an unset address.
Address from_sockaddr(const sockaddr* address);

}  // namespace xtrace
