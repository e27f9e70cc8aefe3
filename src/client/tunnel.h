#pragma once

/// A tunnel through a proxy: what is agreed on with it before its connection is the target's.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <xtrace/address.h>
#include <xtrace/callback.h>
#include <xtrace/loop.h>
#include <xtrace/proxy.h>

#include "http/parser.h"
#include "net/stream.h"

namespace xtrace {

struct TunnelRequest {
  Proxy proxy;
  /// The target, as a URL names it: a name or an IP literal, without brackets.
  std::string host;
  std::uint16_t port = 0;
  /// Where the target's name was looked up here (socks5): the address the proxy connects to.
  /// Without, the proxy is given `host`.
  std::optional<Address> resolved{};
  std::string user_agent{};  ///< For an http proxy; empty sends none.
  ParserLimits limits{};     ///< For an http proxy's answer.
};

/// A tunnel that is being agreed on. Destroying it closes the connection to the proxy and cancels:
/// the callback then never runs.
class Tunnelling {
 public:
  Tunnelling() = default;
  Tunnelling(const Tunnelling&) = delete;
  Tunnelling& operator=(const Tunnelling&) = delete;
  virtual ~Tunnelling() = default;
};

/// Have the proxy at the other end of `to_proxy`, a stream of `loop`, connect to the target: with
/// CONNECT (RFC 9110 section 9.3.6), or as RFC 1928 and 1929 say. `on_done` runs once, on a later
/// turn, with a stream to the target, whose first bytes may have come behind the proxy's answer; it
/// may destroy the `Tunnelling`.
///
/// Errors, all in phase proxy, the proxy named in each: `proxy_denied`, `proxy_refused`,
/// `proxy_failed`; and `invalid_config` or `invalid_host_name` for what SOCKS5 cannot carry (more
/// than 255 bytes of a user name, password or host). How long it may take is the caller's to say.
[[nodiscard]] std::unique_ptr<Tunnelling> open_tunnel(
    Loop& loop, std::unique_ptr<Stream> to_proxy, TunnelRequest request,
    Callback<void(Expected<std::unique_ptr<Stream>>)> on_done);

}  // namespace xtrace
