#pragma once

/// `ServerCall` is one request that an `HttpServer` (http_server.h) received, and the way to answer
/// it.
///
///     [](ServerCall call) {
///       if (call.request().path == "/health") return call.respond(200, "text/plain", "OK");
///       call.respond(404, "text/plain", "no such page\n");
///     }
///
/// The handler is given it and may keep it for as long as the answer takes: other requests of the
/// connection wait, those of other connections do not. Everything runs on the loop's thread. Where
/// the client goes away first, the call is no longer `is_open()`, what is still asked of it does
/// nothing, and whoever reads the body is told. A client that ends its own side behind its request
/// may still wait, and cannot be told from one that closed until it is answered.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <xtrace/address.h>
#include <xtrace/body.h>
#include <xtrace/callback.h>
#include <xtrace/clock.h>
#include <xtrace/error.h>
#include <xtrace/expected.h>
#include <xtrace/http.h>
#include <xtrace/incoming_request.h>

namespace xtrace {

class ServerExchange;

/// An answer. The server adds Date, the framing fields and `Connection`; those set by hand are
/// ignored. A status of 204 or 304, and the answer to HEAD, is sent without its body.
struct ServerResponse {
  int status = 200;  ///< 200 to 999; another is a bug. `100 Continue` is the server's own.
  Headers headers{};
  std::string body{};
  /// Instead of `body`: read as fast as the client takes it. With a `size()` the answer has a
  /// Content-Length, else it is chunked (to an HTTP/1.0 client it ends with the connection). Its
  /// error, or a size that it does not keep, breaks the connection off, so that nobody takes the
  /// part for the whole.
  std::unique_ptr<BodySource> source{};
};

/// How an exchange ended: what a log or a trace wants to know.
struct ServerEnd {
  int status = 0;                         ///< Of the answer whose head was sent; 0 where none was.
  std::uint64_t request_body_bytes = 0;   ///< Received, without chunk framing.
  std::uint64_t response_body_bytes = 0;  ///< The kernel took them, without chunk framing.
  /// Unset where the answer was sent whole: `peer_left`, `peer_stalled`, `request_invalid` or
  /// `body_too_large` (the body broke the rules or a limit; the server answered by itself unless
  /// the handler had), `body_source_failed`, `unanswered`, `server_closed`.
  std::optional<Error> error{};
};

class ServerCall {
 public:
  /// Empty: nothing but assigning to it makes sense.
  ServerCall() = default;
  ServerCall(const ServerCall&) = delete;
  ServerCall& operator=(const ServerCall&) = delete;
  ServerCall(ServerCall&& other) noexcept;
  ServerCall& operator=(ServerCall&& other) noexcept;
  /// A call that goes without an answer is answered with 500 (`unanswered`). One that was answered
  /// may go at once, also while its answer is being sent.
  ~ServerCall();

  /// Valid until the call is answered, gone, or no longer open.
  const IncomingRequest& request() const;
  Address peer() const;   ///< The other end of the connection: the client, or its last proxy.
  Address local() const;  ///< Where it connected to.
  bool is_encrypted() const;
  /// When the first byte of the request came, or its turn, where it came before that (pipelining).
  TimePoint started() const;
  /// False once an answer was sent whole or the connection is gone.
  bool is_open() const;

  // -- the request's body: in pieces, or whole, or not at all -----------------------------------
  /// Allows this body more, or less, than the server's `body_bytes`. Before it is read.
  void set_body_limit(std::uint64_t bytes);
  /// Read the body piece by piece, each valid until return; an empty piece is its end. An error is
  /// the last thing told: how the exchange ended, or `cancelled` where it was answered before the
  /// body's end. `Flow::pause` stops the client, through the kernel's buffers, until
  /// `resume()`. Never runs from inside `read_body`. Once; a body that nobody reads is thrown away
  /// behind the answer, or the connection is closed where it is long.
  void read_body(Callback<Flow(Expected<std::span<const std::byte>>)> on_data);
  void resume();
  /// Read the whole body into memory: `on_body` runs once, with it or with the error. Past the
  /// limit the server answers 413 by itself; who wants to say that in other words counts in
  /// `read_body`. A call cannot be moved into its own `on_body`: see the function below the class.
  void collect_body(Callback<void(Expected<std::string>)> on_body);

  // -- the answer ------------------------------------------------------------------------------
  /// Sends one more field with whatever answer the handler gives; what the server answers by itself
  /// has none of them. Not for framing fields.
  void add_header(std::string_view name, std::string_view value);
  /// Answers. Once; a second answer is a bug. The body is copied before it returns. This form
  /// allocates nothing in a warm connection, where it fits in 4 KiB with its head.
  void respond(int status, std::string_view content_type, std::string_view body);
  void respond(ServerResponse response);
  /// Closes the connection without an answer, or in the middle of it: the client sees it cut.
  void abort();

  /// Runs once, when the answer was sent whole or the exchange broke off, also where this handle is
  /// long gone. It may destroy the server. Several are called in the order they were set.
  void on_end(Callback<void(const ServerEnd&)> on_end);

 private:
  friend class ServerExchange;
  explicit ServerCall(ServerExchange& exchange);
  void let_go();

  ServerExchange* exchange_ = nullptr;
};

/// The same for a call that is to be answered with what its body says: `on_body` is given both. The
/// call is no longer open where the body failed.
///
///     collect_body(std::move(call), [](ServerCall call, Expected<std::string> body) {
///       if (body) call.respond(200, "text/plain", *body);
///     });
void collect_body(ServerCall call, Callback<void(ServerCall, Expected<std::string>)> on_body);

}  // namespace xtrace
