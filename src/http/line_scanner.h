#pragma once

/// `LineScanner` reads the lines around a body - status line, header fields, chunk sizes, trailers
/// - before llhttp does, and refuses what llhttp lets pass.
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
  };

  /// Starts a section of at most `limit` bytes.
  void begin(Section section, std::size_t limit);
  /// The next bytes. Not to be called again after `malformed`, `too_large` or `complete` without
  /// `begin`.
  Scan scan(std::string_view bytes);

  /// Bytes of the section seen so far.
  std::size_t size() const { return size_; }
  /// The hexadecimal digits of a complete `chunk_size` section.
  std::string_view chunk_digits() const { return {digits_.data(), digit_count_}; }

 private:
  enum class State {
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
  std::string_view on_status(char c);
  std::string_view on_text(char c, State after);
  std::string_view on_field_begin(char c);
  std::string_view on_field_name(char c);
  std::string_view on_chunk_size(char c);
  std::string_view on_line_feed(char c, State after);

  State state_ = State::done;
  std::size_t size_ = 0;
  std::size_t limit_ = 0;
  std::array<char, 16> digits_{};
  std::size_t digit_count_ = 0;
};

}  // namespace xtrace
