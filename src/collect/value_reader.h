#pragma once

/// `ValueReader` reads JSON that nobody has checked for its meaning: a value of another kind than
/// is asked for is passed over, and reads as if it were not there.

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xray/json_cursor.h"

namespace xtrace::collect {

class ValueReader {
 public:
  /// Texts are views into `json`, or, where they had escapes, into `decoded`.
  ValueReader(std::string_view json, std::deque<std::string>& decoded);

  /// The first character of the value that is next, by which its kind is known.
  char token() { return cursor_.token(); }

  // Each passes one value.
  std::string_view text();
  /// A finite number.
  std::optional<double> number();
  /// A whole number from 0 on, also one that is written as a text.
  std::optional<std::int64_t> count();
  bool flag();
  /// An object or an array, told by its bracket, as it is written.
  std::string_view block(char bracket);
  void skip() { cursor_.skip_value(); }

  /// Calls `visit(std::string_view key)`, which passes the value, for each member of an object.
  template <typename Visit>
  void object(Visit&& visit);
  /// Calls `visit()`, which passes it, for each element of an array.
  template <typename Visit>
  void array(Visit&& visit);

 private:
  bool goes_on() const { return cursor_.stop() == JsonCursor::Stop::none; }

  std::string_view json_;
  JsonCursor cursor_;
  std::deque<std::string>& decoded_;
  std::vector<TextSpan> non_numbers_;
};

template <typename Visit>
void ValueReader::object(Visit&& visit) {
  if (token() != '{') return skip();
  cursor_.object([this, &visit](const JsonText& key) {
    if (key.has_escapes) {
      visit(std::string_view(key.decode()));
    } else {
      visit(key.raw);
    }
    return goes_on();
  });
}

template <typename Visit>
void ValueReader::array(Visit&& visit) {
  if (token() != '[') return skip();
  cursor_.array([this, &visit](std::size_t) {
    visit();
    return goes_on();
  });
}

}  // namespace xtrace::collect
