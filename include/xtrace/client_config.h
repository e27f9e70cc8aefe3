#pragma once

/// The settings of a `Client`: limits, routes, the pool, what it does by itself. docs/client.md has
/// the defaults beside those of Go and curl.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <xtrace/address.h>
#include <xtrace/clock.h>
#include <xtrace/expected.h>
#include <xtrace/proxy.h>
#include <xtrace/tls.h>

namespace xtrace {

/// Limits in time; zero means none. Each names its phase in the error when it strikes.
struct Timeouts {
  Duration total{};  ///< From `start()` to the last byte of the body, redirects included.
  Duration wait{};   ///< For a connection of the pool, before one is dialled or lent.
  Duration connect = std::chrono::seconds(10);  ///< dns, dial, proxy and tls together.
  Duration dns{};                               ///< The lookup, its wait for a thread included.
  Duration dial{};                              ///< From the first address to the one that answers.
  Duration proxy{};                             ///< CONNECT, or SOCKS' greeting, to the answer.
  Duration tls = std::chrono::seconds(10);      ///< The handshake.
  /// From the end of the request to the first byte of the final status line.
  Duration response{};
  Duration idle{};  ///< Between two bytes moving in either direction, once connected.
  /// How long a body waits for `100 Continue` before it is sent all the same.
  Duration expect_continue = std::chrono::seconds(1);
};

/// Limits of a client's pool; zero means none.
struct PoolLimits {
  std::size_t connections = 0;           ///< In all: idle, active and connecting.
  std::size_t connections_per_host = 0;  ///< The same per address; more requests wait in turn.
  std::size_t idle = 100;                ///< Kept for later; the one idle longest is closed first.
  std::size_t idle_per_host = 16;
  std::size_t waiting = 0;  ///< Requests that may wait; the next fails with `pool_full`.
  Duration idle_timeout = std::chrono::seconds(90);  ///< An idle connection is closed then.
  Duration lifetime{};                               ///< An older one carries no further request.
};

/// How responses that are compressed are read.
struct Decoding {
  /// Ask for `gzip, deflate, br, zstd` and decode what comes. Off for a request that sets
  /// Accept-Encoding or Range itself, and for HEAD: then the body is given as it came. A decoded
  /// response has lost its Content-Encoding and Content-Length fields.
  bool is_on = true;
  std::uint64_t most_bytes = 0;  ///< Of one decoded body; more is `body_expands`. 0: no limit.
  /// Decoded bytes for each byte received, counted from the first MiB on; more is `body_expands`.
  std::uint32_t most_ratio = 1000;
};

/// Redirects by Go's rules (docs/client.md).
struct Redirects {
  bool are_followed = true;  ///< False: a 3xx is an answer like any other.
  int limit = 10;            ///< One more is `too_many_redirects`.
};

enum class AddressFamily : std::uint8_t { any, ipv4_only, ipv6_only };

/// `--resolve HOST:PORT:ADDR[,ADDR]`: use these addresses and ask no resolver. Host `*` matches
/// every host.
struct ResolveOverride {
  std::string host{};
  std::uint16_t port = 0;
  std::vector<Address> addresses{};  ///< Dialled at the request's port, whatever port they carry.
};

/// `--connect-to HOST1:PORT1:HOST2:PORT2`: dial HOST2:PORT2 instead; the request, SNI and Host
/// stay. Empty or 0 on the left matches anything, on the right keeps what was asked for.
struct ConnectToOverride {
  std::string from_host{};
  std::uint16_t from_port = 0;
  std::string to_host{};
  std::uint16_t to_port = 0;
};

struct ClientConfig {
  std::string name = "default";  ///< Of the pool, in `pool_registry()`.
  Timeouts timeouts{};
  PoolLimits pool{};
  Redirects redirects{};
  Decoding decoding{};
  /// Unset: what the environment says when the configuration is finalised. A `ProxyConfig` without
  /// a proxy: none. A `unix_socket` is never reached through one.
  std::optional<ProxyConfig> proxy{};
  bool keeps_alive = true;  ///< False: each request has a connection of its own.
  /// Between two probes of a silent connection (SO_KEEPALIVE); 0 sends none. Go has the same.
  Duration keep_alive_probes = std::chrono::seconds(15);
  /// An address of the other family is not dialled: `connect_unreachable` where there is no other.
  AddressFamily family = AddressFamily::any;
  /// How long a dial may be silent before the next begins (RFC 8305 section 5; Go waits 300 ms). 10
  /// ms at the least.
  Duration happy_eyeballs_delay = std::chrono::milliseconds(250);
  std::vector<ResolveOverride> resolve{};
  std::vector<ConnectToOverride> connect_to{};
  /// Path of a Unix socket, `@name` in the abstract namespace; then nothing is resolved and every
  /// request goes there.
  std::string unix_socket{};
  TlsConfig tls{};
  std::string sni{};  ///< Sent and checked instead of the URL's host.
  std::string user_agent = "xtrace/0.1";
  /// Status line and headers of one response, 1024 at the least; more is `headers_too_large`.
  std::size_t max_head_bytes = 64 * 1024;
  /// Bytes of `Response::body`; more is `body_too_large`. What `on_body` takes has no limit.
  std::size_t max_buffered_body = 64 * 1024 * 1024;
};

class ProxyRules;

/// A configuration that was checked, so that a `Client` can be made without failing.
class FinalizedClientConfig {
 public:
  const ClientConfig& config() const { return config_; }
  const ProxyRules& proxies() const { return *proxies_; }

 private:
  FinalizedClientConfig(ClientConfig config, std::shared_ptr<const ProxyRules> proxies)
      : config_(std::move(config)), proxies_(std::move(proxies)) {}
  friend Expected<FinalizedClientConfig> finalize_config(ClientConfig config);

  ClientConfig config_;
  std::shared_ptr<const ProxyRules> proxies_;
};

/// Errors: `invalid_config`, `invalid_address`, naming the setting. TLS files are read later, by
/// the first https request: a client that never speaks TLS never pays for the trust store.
Expected<FinalizedClientConfig> finalize_config(ClientConfig config);

}  // namespace xtrace
