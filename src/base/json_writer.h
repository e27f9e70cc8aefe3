#pragma once

/// `JsonWriter` appends JSON to a string that its owner reuses, so that a warm buffer is written
/// without allocating.
///
/// The caller gives the shape, the writer puts the commas: `begin_object(); key("a"); integer(1);
/// end_object();`. What JSON cannot say is replaced and counted: invalid UTF-8 becomes U+FFFD, NaN
/// and infinities become null.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <xtrace/clock.h>

namespace xtrace {

class JsonWriter {
 public:
  /// Appends one value to `out`, which must outlive the writer and already may hold other text.
  // NOLINTNEXTLINE(*-member-init): what waits is written before it is read
  explicit JsonWriter(std::string& out) : out_(out), start_(out.size()) {}
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;
  ~JsonWriter() { flush(); }

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  void key(std::string_view name);
  /// The same for a name that stands in the program's text, where most is known beforehand.
  template <std::size_t kSize>
  void key(const char (&name)[kSize]) {
    if (!is_plain({name, kSize - 1})) return key(std::string_view{name, kSize - 1});
    std::array<char, kSize + 3> text;  // ,"name":  NOLINT(*-member-init)
    text[0] = ',';
    text[1] = '"';
    std::copy_n(name, kSize - 1, text.begin() + 2);
    text[kSize + 1] = '"';
    text[kSize + 2] = ':';
    const std::size_t skipped = wants_comma_ ? 0 : 1;
    append({text.data() + skipped, text.size() - skipped});
    wants_comma_ = false;
  }

  void string(std::string_view text);
  void integer(std::int64_t value);
  void unsigned_integer(std::uint64_t value);
  /// The shortest form that reads back as the same double.
  void number(double value);
  /// With six decimals: the form of epoch seconds.
  void seconds(double value);
  /// All that the duration says, without zeros at the end: `0.8134`, `2`.
  void milliseconds(std::chrono::nanoseconds value);
  /// Epoch seconds, rounded to the nearest microsecond.
  void time(WallTime value);
  void boolean(bool value);
  void null();
  /// One value that is JSON already.
  void raw(std::string_view json);

  /// How many broken UTF-8 sequences, NaNs and infinities were replaced.
  std::uint64_t corrections() const { return corrections_; }
  /// The bytes written so far.
  std::size_t size() const { return out_.size() - start_ + used_; }

 private:
  void separate() {
    if (wants_comma_) put(',');
    wants_comma_ = true;
  }
  void open(char bracket) {
    separate();
    put(bracket);
    ++depth_;
    wants_comma_ = false;
  }
  void close(char bracket) {
    put(bracket);
    wants_comma_ = true;
    if (--depth_ == 0) flush();
  }
  /// After a value that stands in no container.
  void finish() {
    if (depth_ == 0) flush();
  }
  void put(char letter) {
    if (used_ == waiting_.size()) flush();
    waiting_[used_++] = letter;
  }
  void append(std::string_view text) {
    if (text.size() > waiting_.size() - used_) return append_long(text);
    std::copy(text.begin(), text.end(), waiting_.begin() + static_cast<std::ptrdiff_t>(used_));
    used_ += text.size();
  }
  void append_long(std::string_view text);
  void flush() {
    out_.append(waiting_.data(), used_);
    used_ = 0;
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
  // What is written last, and not in `out_` before its outermost container closes: a string is slow
  // to append to piece by piece.
  std::array<char, 512> waiting_;
  std::size_t used_ = 0;
  std::size_t depth_ = 0;
  bool wants_comma_ = false;  // before the next key or value
  std::uint64_t corrections_ = 0;
};

}  // namespace xtrace
