#pragma once

/// The addresses of a daemon and the sockets that are connected to them.

#include <functional>
#include <string>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>

#include <xtrace/daemon_address.h>
#include <xtrace/expected.h>

namespace xtrace {

/// A numeric address with its port, as the kernel wants it.
struct UdpAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  /// `127.0.0.1:2000`, IPv6 in brackets.
  std::string to_string() const;

  friend bool operator==(const UdpAddress& left, const UdpAddress& right);
};

using UdpAddresses = std::vector<UdpAddress>;  ///< IPv4 first: the daemon listens there by default.
using LookUpHost = std::function<Expected<UdpAddresses>(const DaemonEndpoint&)>;

/// True where the host is an IP address: then `look_up_host` neither waits nor asks anybody.
bool is_numeric(const DaemonEndpoint& endpoint);

/// getaddrinfo(3), blocking where the host is a name. Fails with `emit_failed`.
Expected<UdpAddresses> look_up_host(const DaemonEndpoint& endpoint);

/// A non-blocking socket, connected; the caller closes it. Fails with `emit_failed`, naming the
/// endpoint.
Expected<int> connect_udp(const DaemonEndpoint& endpoint, const UdpAddress& address);

/// True where the peer is loopback or a Unix socket: a refusal is known when `send` returns.
bool answers_at_once(int descriptor);

}  // namespace xtrace
