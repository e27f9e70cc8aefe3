#pragma once

/// `RequestParser` reads HTTP/1.x requests from bytes, split anywhere: `LineScanner` and llhttp
/// behind four events, for a server.
///
/// What it lets pass can be read in one way only (RFC 9112 sections 6.3 and 11.2). Refused with
/// 400: lines that do not end in CRLF, folded lines, a space before the colon, names and methods
/// that are no tokens, control characters, Content-Length twice or beside Transfer-Encoding or no
/// number, `chunked` twice or not last or sent by HTTP/1.0, no Host or two or an invalid one, a
/// target that is neither a path, nor `*` for OPTIONS, nor an absolute http(s) URL, userinfo and
/// fragments in it. 501: another transfer coding before `chunked`, and CONNECT. 505: another
/// version, HTTP/2's preface as well. 431: a head, 414: a target past the limit, 431 too: more than
/// 256 fields. 417: an expectation other than `100-continue`. One empty line before a request is
/// passed over (RFC 9112 section 2.2). The verdict does not depend on how the bytes were split.
///
/// The head's memory is the parser's own: the views of the `IncomingRequest` stay valid until
/// `reset`. A warm parser allocates nothing.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <xtrace/expected.h>
#include <xtrace/http.h>
#include <xtrace/incoming_request.h>

namespace xtrace {

struct RequestLimits {
  std::size_t head_bytes = std::size_t{32} * 1024;  ///< Trailers have the same again.
  std::uint64_t body_bytes = std::uint64_t{16} * 1024 * 1024;
};

/// Receives what was parsed, in order: `on_head`, any `on_body`, `on_complete`. None of them may
/// destroy the parser.
class RequestEvents {
 public:
  /// The head, checked. It stays valid until `reset`.
  virtual void on_head(const IncomingRequest& request) = 0;
  /// A piece of the body, chunk framing removed; valid until return.
  virtual void on_body(std::span<const std::byte> piece) = 0;
  /// The request is complete. The fields of a chunked body's trailer section are checked and
  /// dropped.
  virtual void on_complete() = 0;

 protected:
  ~RequestEvents() = default;
};

/// Why a request is refused, and with which status.
struct RequestRefusal {
  int status = 400;
  Error error;  ///< `request_invalid`, `headers_too_large` or `body_too_large`
};

class RequestParser {
 public:
  /// `events` outlives the parser.
  RequestParser(const RequestLimits& limits, RequestEvents& events);
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;
  ~RequestParser();

  /// Begins the next request of the connection, in the memory that is there. Not from an event.
  void reset();
  /// The limit of this request's body, until `reset`. From `on_head`; or later, where the body was
  /// stopped there, before `proceed()`.
  void set_body_limit(std::uint64_t bytes);

  /// Feed the next bytes. Returns how many belonged to the request: fewer than given means that the
  /// next request begins behind them (pipelining). While `is_stopped()` it takes nothing.
  std::size_t feed(std::span<const std::byte> bytes);
  /// Take nothing more, not even the rest of the bytes being fed, until `proceed()` or `reset()`.
  /// From an event: how a reader that was told enough holds the body up. What needs no more bytes
  /// still comes: `on_complete` behind the last byte of a sized body, or where there is no body.
  void stop();
  /// Runs no event. An announced length past the limit is refused here, or behind `on_head` where
  /// nobody stopped there.
  void proceed();
  bool is_stopped() const;

  bool has_begun() const;         ///< A byte of this request came, not of the empty line before.
  bool is_head_complete() const;  ///< `on_head` ran.
  bool is_complete() const;
  /// Set where the request broke the rules or a limit; the parser then takes nothing more.
  const std::optional<RequestRefusal>& refusal() const;
  /// May the connection carry another request behind this one (RFC 9112 section 9.3)? From
  /// `on_head` on.
  bool keeps_alive() const;
  std::uint64_t body_size() const;  ///< Bytes of the body so far, without chunk framing.

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xtrace
