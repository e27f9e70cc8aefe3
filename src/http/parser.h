#pragma once

/// `ResponseParser` reads HTTP/1.x responses from bytes, split anywhere: llhttp behind five events.
///
/// It is strict where leniency is dangerous (RFC 9112 sections 6.3 and 11.2): Content-Length beside
/// Transfer-Encoding, two differing lengths, bare CR, NUL, obsolete folding, garbage before the
/// status line are errors, never guesses. It knows the request's method, because a response to HEAD
/// has no body whatever its headers say.

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
  std::size_t head_bytes =
      64 * 1024;  ///< Status line and headers of one response; trailers have the same limit again.
  int interim_responses = 16;  ///< 1xx responses before the final one.
};

/// Receives what was parsed, in order: `on_first_byte`, any `on_interim`, `on_head`, any `on_body`,
/// `on_complete`. None of them may destroy the parser.
class ResponseEvents {
 public:
  /// The first byte of a status line: of each interim response and of the final one.
  virtual void on_status_line_begins() = 0;
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
  /// `events` outlives the parser. `method` decides about HEAD.
  ResponseParser(std::string_view method, ParserLimits limits, ResponseEvents& events);
  ResponseParser(const ResponseParser&) = delete;
  ResponseParser& operator=(const ResponseParser&) = delete;
  ~ResponseParser();

  /// Feed the next bytes. Errors: `not_http`, `headers_too_large`, `ambiguous_framing`,
  /// `upgrade_refused`, `too_many_interim` (phase response), `body_invalid` (phase body). After an
  /// error, or after `on_complete`, the parser takes nothing more. Returns how many bytes belonged
  /// to the response: fewer than given means the peer sent more than one response.
  Expected<std::size_t> feed(std::span<const std::byte> bytes);

  /// The peer ended its side. Completes an until-EOF body; otherwise `empty_reply`, `head_cut` or
  /// `body_cut`, which says how many bytes are missing where that is known.
  Expected<void> finish();

  bool is_complete() const;
  /// May the connection carry another request (RFC 9112 section 9.3)? Meaningful once complete.
  bool keeps_alive() const;
  std::size_t head_size() const;
  std::uint64_t body_size() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xtrace
