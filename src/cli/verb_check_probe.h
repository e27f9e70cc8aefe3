#pragma once

/// Asks whether a daemon is there, without leaving anything behind.

#include <xtrace/daemon_address.h>
#include <xtrace/loop.h>

#include "cli/verb_check_report.h"

namespace xtrace::cli {

/// Asks the kernel about the receiver, and sends a datagram of no bytes, which daemons neither
/// count nor log, to see whether it is refused. From another host a refusal is waited for at most
/// 200 ms; a name is looked up first, however long that takes.
UdpFinding probe_udp(const DaemonEndpoint& endpoint);

/// Asks for the sampling rules, all pages, in at most `limit`.
TcpFinding probe_tcp(Loop& loop, const DaemonEndpoint& endpoint, Duration limit);

}  // namespace xtrace::cli
