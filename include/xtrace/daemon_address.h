#pragma once

/// Where the X-Ray daemon listens: one endpoint for UDP (documents) and one for TCP (sampling and
/// acknowledged delivery).

#include <cstdint>
#include <string>
#include <string_view>

#include <xtrace/expected.h>

namespace xtrace {

/// A host name or IP literal (without brackets) and a port.
struct DaemonEndpoint {
  std::string host = "127.0.0.1";
  std::uint16_t port = 2000;

  /// `host:port`, IPv6 in brackets.
  std::string to_string() const;

  friend bool operator==(const DaemonEndpoint&, const DaemonEndpoint&) = default;
};

/// Default-constructed: the daemon's own default, 127.0.0.1:2000 for both.
struct DaemonAddress {
  DaemonEndpoint udp{};
  DaemonEndpoint tcp{};

  friend bool operator==(const DaemonAddress&, const DaemonAddress&) = default;
};

/// The value of `AWS_XRAY_DAEMON_ADDRESS`: `host:port` for both, or `udp:host:port tcp:host:port`
/// in either order, with or without a comma before the space; IPv6 in brackets; without a host
/// (`:2000`) it is 127.0.0.1; extra spaces and tabs are ignored; blank text is the default. What
/// any SDK accepts and makes sense of is accepted; the rest fails with `invalid_address` and a
/// sentence that names the part that is wrong. Names are not looked up here.
Expected<DaemonAddress> parse_daemon_address(std::string_view text);

}  // namespace xtrace
