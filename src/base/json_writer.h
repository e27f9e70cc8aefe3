#pragma once

/// `JsonWriter` appends JSON to a string that its owner reuses, so that a warm buffer is written
/// without allocating.
///
/// The caller gives the shape, the writer puts the commas: `begin_object(); key("a"); integer(1);
/// end_object();`. What JSON cannot say is replaced and counted: invalid UTF-8 becomes U+FFFD, NaN
/// and infinities become null.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <xtrace/clock.h>

namespace xtrace {

class JsonWriter {
 public:
  /// Appends one value to `out`, which must outlive the writer and already may hold other text.
  explicit JsonWriter(std::string& out) : out_(out), start_(out.size()) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  void key(std::string_view name);
  /// The same for a name that stands in the program's text, where most is known beforehand.
  template <std::size_t Size>
  void key(const char (&name)[Size]) {
    if (!is_plain({name, Size - 1})) return key(std::string_view{name, Size - 1});
    std::array<char, Size + 3> text;  // ,"name":  NOLINT(*-member-init)
    text[0] = ',';
    text[1] = '"';
    std::copy_n(name, Size - 1, text.begin() + 2);
    text[Size + 1] = '"';
    text[Size + 2] = ':';
    const std::size_t skipped = wants_comma_ ? 0 : 1;
    out_.append(text.data() + skipped, text.size() - skipped);
    wants_comma_ = false;
  }

  void string(std::string_view text);
  void integer(std::int64_t value);
  void unsigned_integer(std::uint64_t value);
  /// The shortest form that reads back as the same double.
  void number(double value);
  /// With six decimals: the form of epoch seconds.
  void seconds(double value);
  /// Epoch seconds, rounded to the nearest microsecond.
  void time(WallTime value);
  void boolean(bool value);
  void null();
  /// One value that is JSON already.
  void raw(std::string_view json);

  /// How many broken UTF-8 sequences, NaNs and infinities were replaced.
  std::uint64_t corrections() const { return corrections_; }
  /// The bytes written so far.
  std::size_t size() const { return out_.size() - start_; }

 private:
  void separate() {
    if (wants_comma_) out_ += ',';
    wants_comma_ = true;
  }
  void open(char bracket) {
    separate();
    out_ += bracket;
    wants_comma_ = false;
  }
  void close(char bracket) {
    out_ += bracket;
    wants_comma_ = true;
  }
  /// Whether every byte stands for itself inside a JSON string, without a closer look.
  static constexpr bool is_plain(std::string_view text) {
    for (const char letter : text) {
      if (letter < ' ' || letter == '"' || letter == '\\' || letter == '\x7f') return false;
    }
    return true;
  }
  void append_escaped(std::string_view text);
  std::size_t append_special(std::string_view text);

  std::string& out_;
  std::size_t start_;
  bool wants_comma_ = false;  // before the next key or value
  std::uint64_t corrections_ = 0;
};

}  // namespace xtrace
