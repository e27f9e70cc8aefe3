#pragma once

/// `ResponseParser` reads HTTP/1.x responses from bytes, split anywhere: llhttp behind five events.
///
/// It is strict where leniency is dangerous (RFC 9112 sections 6.3 and 11.2), and never guesses:
/// - Content-Length beside Transfer-Encoding, two Content-Length fields (equal ones too), a length
///   that is no number, and any Transfer-Encoding but `chunked` alone are `ambiguous_framing`.
/// - The first byte is the H of `HTTP/1.0` or `HTTP/1.1`; no blank line stands before it. Lines end
///   in CRLF: a bare CR and a lone LF, control characters, folded lines, names that are no tokens
///   are `not_http`, and `body_invalid` in chunk lines and trailers.
/// - A chunk's size is 1 to 16 hexadecimal digits, its line at most 4096 bytes; extensions are
///   passed over, unless the lines outweigh the chunks.
/// Tolerated, because servers do it and nobody can be fooled: a status line without reason and the
/// space before it, bytes past ASCII in reason and values, status numbers up to 999.
///
/// It knows the request's method: a response to HEAD, 1xx, 204, 304 and 2xx to CONNECT have no body
/// whatever the headers say. What it finds, errors too, does not depend on how the bytes were
/// split. A connection has one parser for its life, which `reset` readies for the next response.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include <xtrace/error.h>
#include <xtrace/expected.h>
#include <xtrace/http.h>

namespace xtrace {

struct ParserLimits {
  /// Status line and headers of one response; trailers have the same limit again.
  std::size_t head_bytes = 65536;
  int interim_responses = 16;  ///< 1xx responses before the final one.
};

/// Receives what was parsed, in order: `on_status_line_begins`, any `on_interim`, `on_head`, any
/// `on_body`, `on_complete`. None of them may destroy the parser.
class ResponseEvents {
 public:
  /// The first byte of a status line: of each interim response and of the final one. Not for a byte
  /// that cannot begin one.
  virtual void on_status_line_begins() = 0;
  /// The status line is complete: from here on it is known whether this is the final response.
  virtual void on_status_line(int /*status*/) {}
  /// A complete 1xx response other than 101.
  virtual void on_interim(Response response) = 0;
  /// The final response's head; `content_length` is set if announced.
  virtual void on_head(Response response) = 0;
  /// A piece of the body, chunk framing removed; valid until return.
  virtual void on_body(std::span<const std::byte> piece) = 0;
  /// The body is complete; trailers, if any, are given.
  virtual void on_complete(Headers trailers) = 0;

 protected:
  ~ResponseEvents() = default;
};

class ResponseParser {
 public:
  /// `events` outlives the parser, or its next `reset` or `redirect_events`. `method` decides about
  /// HEAD.
  ResponseParser(std::string_view method, ParserLimits limits, ResponseEvents& events);
  ResponseParser(const ResponseParser&) = delete;
  ResponseParser& operator=(const ResponseParser&) = delete;
  ~ResponseParser();

  /// Begins the next response of the same connection, whatever became of the last one, in the
  /// memory that is there already. Not to be called from inside an event.
  void reset(std::string_view method, ResponseEvents& events);
  /// What is still to come of this response is told to `events`: to somebody who drains it, say.
  /// May be called from inside an event.
  void redirect_events(ResponseEvents& events);

  /// Feed the next bytes. Errors: `not_http`, `headers_too_large`, `ambiguous_framing`,
  /// `upgrade_refused`, `too_many_interim` (phase response; an attempt knows better
  /// whether the wait was over), `body_invalid` (phase body). After an
  /// error, or after `on_complete`, the parser takes nothing more. Returns how many bytes belonged
  /// to the response: fewer than given means the peer sent more than one response.
  Expected<std::size_t> feed(std::span<const std::byte> bytes);

  /// The peer ended its side. Completes an until-EOF body; otherwise `empty_reply`, `head_cut` or
  /// `body_cut`, which says how many bytes are missing where that is known.
  Expected<void> finish();

  bool is_complete() const;
  /// May the connection carry another request (RFC 9112 section 9.3)? Meaningful once complete; no
  /// longer true once bytes came that nobody asked for.
  bool keeps_alive() const;
  /// Bytes of the status line and headers of the final response, as far as they came.
  std::size_t head_size() const;
  /// Bytes of the body without chunk framing.
  std::uint64_t body_size() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xtrace
