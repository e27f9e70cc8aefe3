#pragma once

/// `LineScanner` reads the lines around a body - request or status line, header fields, chunk
/// sizes, trailers - before llhttp does, and refuses what llhttp lets pass.
///
/// llhttp 8.1 as the distributions build it takes any two bytes for the CRLF behind a chunk, any
/// byte behind a CR, a space in a header name, a folded line, an empty name, `HTTP/2.0` and blank
/// lines before the status line; other versions differ. The scanner knows the grammar of the lines
/// and nothing of their meaning: that stays with llhttp, which gets only what passed. It also finds
/// the last byte of each section, which makes limits exact, and drops chunk extensions.
///
/// A line ends in CRLF. RFC 9112 section 2.2 allows a recipient to take a lone LF for it; that
/// difference between readers is what smuggling lives on, and llhttp refuses it too, so it is
/// refused.

#include <array>
#include <cstddef>
#include <string_view>

namespace xtrace {

class LineScanner {
 public:
  enum class Section {
    request,     ///< One empty line or none, request line, header fields, empty line.
    head,        ///< Status line, header fields, empty line.
    chunk_size,  ///< The line before a chunk.
    chunk_end,   ///< The CRLF behind a chunk.
    trailers,    ///< Fields behind the last chunk, empty line.
  };
  enum class Outcome { needs_more, complete, malformed, too_large };
  struct Scan {
    Outcome outcome;
    std::size_t taken;  ///< Bytes of this piece that belong to the section; all that is good where
                        ///< it is malformed.
    std::string_view fault;  ///< Where malformed: what is wrong, as a clause; lives forever.

    bool is_refused() const {
      return outcome == Outcome::malformed || outcome == Outcome::too_large;
    }
  };

  /// The fault of a request line whose version has the form of one and is not spoken here.
  static constexpr std::string_view kOtherVersion = "its version is neither HTTP/1.1 nor HTTP/1.0";

  /// Starts a section of at most `limit` bytes.
  void begin(Section section, std::size_t limit);
  /// The next bytes. Not to be called again after `malformed`, `too_large` or `complete` without
  /// `begin`.
  Scan scan(std::string_view bytes);

  /// Bytes of the section seen so far.
  std::size_t size() const { return size_; }
  /// Whether the section, a request, ended or broke within its target.
  bool is_in_target() const { return state_ == State::target; }
  /// Whether more than an empty line of a request came.
  bool is_in_request() const { return state_ > State::request_begin; }
  /// The hexadecimal digits of a complete `chunk_size` section.
  std::string_view chunk_digits() const { return {kept_.data(), kept_size_}; }

 private:
  // The first three stand before a request.
  enum class State {
    before_request,
    empty_line_end,
    request_begin,
    method,
    target_begin,
    target,
    version,
    status,
    reason,
    line_end,
    field_begin,
    field_name,
    field_value,
    size_begin,
    size,
    extension,
    chunk_end,
    last_line_end,
    done,
  };

  /// How many of the first bytes keep the state as it is.
  std::size_t plain_run(std::string_view bytes) const;

  // Each returns the fault, or an empty view.
  std::string_view step(char c);
  std::string_view on_method(char c);
  std::string_view on_target(char c);
  std::string_view on_version(char c);
  std::string_view on_status(char c);
  std::string_view on_text(char c, State after);
  std::string_view on_field_begin(char c);
  std::string_view on_field_name(char c);
  std::string_view on_chunk_size(char c);
  std::string_view on_line_feed(char c, State after);

  State state_ = State::done;
  std::size_t size_ = 0;
  std::size_t limit_ = 0;
  std::array<char, 16> kept_{};  // a chunk's size, or a request's version
  std::size_t kept_size_ = 0;
};

}  // namespace xtrace
