#pragma once

/// Opens the socket of a `UdpEmitter`.

#include <xtrace/daemon_address.h>
#include <xtrace/expected.h>

namespace xtrace {

struct ConnectedUdp {
  int descriptor = -1;  ///< The caller closes it.
  std::string peer;     ///< `127.0.0.1:2000`: the address, also where the endpoint was a name.
};

/// Looks the host up, blocking where it is a name, and connects a non-blocking socket to its first
/// address that works; IPv4 goes first, for that is where the daemon listens by default. Fails with
/// `emit_failed`.
Expected<ConnectedUdp> connect_udp(const DaemonEndpoint& endpoint);

}  // namespace xtrace
