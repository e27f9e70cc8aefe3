#pragma once

/// `Client` sends HTTP/1.1 requests and records where their time goes.
///
/// One client per loop, used on the loop's thread only. `start()` returns a `Call`; keep it, for
/// destroying it cancels the request in whatever phase it is, closes its connection, and guarantees
/// that no callback of it runs. Everything else comes back through `on_done`, exactly once, with
/// the `Timeline` complete also when the request failed. A `Call`, a finished one too, is destroyed
/// before its client, and the client before its loop.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <xtrace/callback.h>
#include <xtrace/client_trace.h>
#include <xtrace/clock.h>
#include <xtrace/expected.h>
#include <xtrace/http.h>
#include <xtrace/loop.h>
#include <xtrace/timeline.h>
#include <xtrace/tls.h>

namespace xtrace {

/// Limits in time; zero means none. Each names its phase in the error when it strikes.
struct Timeouts {
  Duration total{};     ///< From `start()` to the last byte of the body.
  Duration connect{};   ///< dns, dial and tls together (curl's --connect-timeout).
  Duration dns{};       ///< The lookup, its wait for a thread included.
  Duration tls{};       ///< The handshake.
  Duration response{};  ///< From the end of the request to the first byte of the final status line.
  Duration idle{};      ///< Between two bytes moving in either direction, once connected.
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
  Timeouts timeouts{};
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

/// A configuration that was checked, so that a `Client` can be made without failing.
class FinalizedClientConfig {
 public:
  const ClientConfig& config() const { return config_; }

 private:
  explicit FinalizedClientConfig(ClientConfig config) : config_(std::move(config)) {}
  friend Expected<FinalizedClientConfig> finalize_config(ClientConfig config);

  ClientConfig config_;
};

/// Errors: `invalid_config`, `invalid_address`, naming the setting. TLS files are read later, by
/// the first https request: a client that never speaks TLS never pays for the trust store.
Expected<FinalizedClientConfig> finalize_config(ClientConfig config);

struct CallOptions {
  ClientTrace trace{};
  /// Receives the body piece by piece, each valid until return. An error it returns ends the call
  /// and becomes its error; it must not destroy the `Call`. Without it the body is kept in
  /// `Response::body`.
  Callback<Expected<void>(std::span<const std::byte>)> on_body{};
};

/// What became of a call. `response` is there as soon as a final head came, also when the body then
/// failed.
struct Exchange {
  std::optional<Response> response{};
  std::optional<Error> error{};
  Timeline timeline{};
};

class Attempt;

/// A request in flight. Movable; destroying it cancels.
class [[nodiscard]] Call {
 public:
  Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  Call(Call&&) noexcept;
  Call& operator=(Call&&) noexcept;
  ~Call();

  /// End the call now as if it had failed with `cancelled`: the record of what was reached is
  /// returned, `on_done` does not run. Only while `is_running()`, and not from a hook or `on_body`.
  Exchange abort();
  /// From `start()` until `on_done` or `abort()`; false for an empty `Call`.
  bool is_running() const;

 private:
  friend class Client;
  explicit Call(std::unique_ptr<Attempt> attempt);
  std::unique_ptr<Attempt> attempt_;
};

class Client {
 public:
  /// `loop` outlives the client.
  Client(Loop& loop, const FinalizedClientConfig& config);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  /// Calls still running must have been destroyed before.
  ~Client();

  /// Send `request`. `on_done` runs once, on a later turn; it may destroy the `Call`. A request
  /// that cannot be sent (`check_request`) ends that way too. The first https request reads the TLS
  /// files before it returns; that is not part of its timeline.
  Call start(Request request, CallOptions options, Callback<void(Exchange)> on_done);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xtrace
