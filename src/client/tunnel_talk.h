#pragma once

/// `TunnelTalk` is what is said to a proxy until the tunnel is open: bytes in, bytes out, no I/O.

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <xtrace/expected.h>

#include "client/tunnel.h"

namespace xtrace {

class TunnelTalk {
 public:
  struct Progress {
    std::string reply{};    ///< What is to be said next; often nothing.
    std::size_t taken = 0;  ///< Bytes that were the proxy's: all, unless the tunnel is open.
    bool is_open = false;   ///< What comes behind the bytes taken is the target's.
  };

  TunnelTalk() = default;
  TunnelTalk(const TunnelTalk&) = delete;
  TunnelTalk& operator=(const TunnelTalk&) = delete;
  virtual ~TunnelTalk() = default;

  /// What is said first. Errors: `invalid_config`, `invalid_host_name`.
  virtual Expected<std::string> begin() = 0;
  /// The proxy said this; where it is split makes no difference. After an error, or once the
  /// tunnel is open, nothing more is taken. Errors: `proxy_denied`, `proxy_refused`,
  /// `proxy_failed`.
  virtual Expected<Progress> take(std::span<const std::byte> bytes) = 0;
  /// The proxy ended its side before the tunnel was open: the error that is.
  virtual Error end() = 0;
};

/// CONNECT, for the kinds http and https.
std::unique_ptr<TunnelTalk> make_connect_talk(TunnelRequest request);
/// SOCKS5, for the kinds socks5 and socks5h.
std::unique_ptr<TunnelTalk> make_socks_talk(TunnelRequest request);

/// In phase proxy: `proxy socks5://127.0.0.1:1080` with `deed` behind it.
Error proxy_error(const Proxy& proxy, Error::Code code, std::string_view deed);

/// Where the tunnel leads: `host:port` with IPv6 in brackets and without its zone.
std::string target_of(const TunnelRequest& request);

}  // namespace xtrace
