#pragma once

/// `HttpServer` answers HTTP/1.1 requests on a `Loop`.
///
/// Small but correct, and built for xtrace's own collector, its examples and its tests. It speaks
/// HTTP/1.1 and 1.0 with keep-alive, chunked bodies both ways, back-pressure both ways and TLS; it
/// has no routes, no compression, no HTTP/2 and no files. A service that faces the internet stands
/// behind a proxy that has been at it for years.
///
///     auto server = HttpServer::listen(loop, config, [](ServerCall call) {
///       call.respond(200, "text/plain", "hello\n");
///     });
///
/// Pipelined requests are answered in order, one at a time. A request that could be read in two
/// ways (RFC 9112 section 11.2: two lengths, a length beside chunked, a bare LF, a folded line, a
/// space before a colon) is refused with 400, and its connection closed, before any handler sees
/// it. Clients that are slow cannot hold it: every wait has a limit, and bodies a least rate.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include <xtrace/address.h>
#include <xtrace/callback.h>
#include <xtrace/clock.h>
#include <xtrace/expected.h>
#include <xtrace/loop.h>
#include <xtrace/server_call.h>
#include <xtrace/tls_server.h>

namespace xtrace {

/// Gets every request whose head is good, on the loop's thread, once it was read. It may answer at
/// once or keep the call, and may destroy the server.
using HttpHandler = std::function<void(ServerCall)>;

struct HttpServerLimits {
  /// Request line and fields; more is 431 (or 414 where the target alone is too long). Trailers
  /// have the same limit again.
  std::size_t head_bytes = std::size_t{32} * 1024;
  /// Of a body, unless the call allows it another; more is 413.
  std::uint64_t body_bytes = std::uint64_t{16} * 1024 * 1024;
  /// Open at a time. Past that the connection idle for longest is closed for the new one; where
  /// none is idle, new ones wait in the kernel's queue.
  std::size_t connections = 4096;
  /// From the first byte of a request (of a connection: from its beginning, TLS included) to the
  /// end of its head; past it 408.
  Duration head = std::chrono::seconds(10);
  /// Between two requests.
  Duration idle = std::chrono::seconds(60);
  /// Bytes a second that a body must come with, or an answer be taken with, averaged over
  /// `rate_grace`; slower clients are cut off. What the handler itself holds up does not count. 0
  /// takes any rate.
  std::uint64_t slowest_rate = 240;
  Duration rate_grace = std::chrono::seconds(5);
};

struct HttpServerConfig {
  /// Where to listen. Port 0 takes a free one, which `address()` tells. A Unix socket's path must
  /// not exist, but for a socket that nobody listens on any more.
  Address address = Address::from_ipv4({127, 0, 0, 1}, 0);
  /// Null: no TLS.
  std::shared_ptr<const TlsServerContext> tls{};
  HttpServerLimits limits{};
};

struct HttpServerStats {
  std::uint64_t accepted = 0;       ///< Connections.
  std::uint64_t open = 0;           ///< Of these, now.
  std::uint64_t requests = 0;       ///< Given to the handler.
  std::uint64_t answered = 0;       ///< Of these, answered whole, and by the handler.
  std::uint64_t refused = 0;        ///< Heads and bodies that broke the rules or a limit.
  std::uint64_t too_slow = 0;       ///< Connections closed for a limit of time or rate.
  std::uint64_t peer_left = 0;      ///< Exchanges that the client broke off.
  std::uint64_t unanswered = 0;     ///< Calls that the handler dropped or broke off, or its source.
  std::uint64_t evicted = 0;        ///< Idle connections closed for new ones.
  std::uint64_t tls_failed = 0;     ///< Handshakes.
  std::uint64_t accept_failed = 0;  ///< No descriptor was left, say; the connection waits.

  friend bool operator==(const HttpServerStats&, const HttpServerStats&) = default;
};

class HttpServer {
 public:
  /// Errors: `listen_failed`, naming the address and the reason; `invalid_config` for a limit that
  /// makes no sense. `loop` outlives the server.
  static Expected<std::unique_ptr<HttpServer>> listen(Loop& loop, const HttpServerConfig& config,
                                                      HttpHandler handler);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  /// Aborts. From anywhere on the loop's thread, also from a callback of its own.
  ~HttpServer();

  /// Where it listens, with the port it got.
  const Address& address() const;
  HttpServerStats stats() const;

  /// Accept nothing more, close what is idle, let requests under way finish (each answer then says
  /// `Connection: close`). `on_closed` runs once, on a later turn, when no connection is left.
  void close(Callback<void()> on_closed);
  /// Close everything now; exchanges under way end with `server_closed`, told from inside.
  void abort();

 private:
  struct Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace xtrace
