#pragma once

/// `JsonCursor` reads JSON where it lies, strictly by RFC 8259 and without copying: what it passes
/// is valid UTF-8, its escapes name code points, its numbers fit a double.
///
/// The text may end early. Then the cursor stops as `incomplete`, which is no verdict: the caller
/// gets more of the text and begins again. A cursor that stopped stays where it is; every further
/// call fails.

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "xray/json_text.h"

namespace xtrace {

/// A place in a text: from `begin` up to, and without, `end`.
struct TextSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
};

class JsonCursor {
 public:
  enum class Stop : std::uint8_t { none, incomplete, broken };

  /// Containers in containers, at most.
  static constexpr std::size_t kMaxDepth = 512;

  explicit JsonCursor(std::string_view text)
      : text_(text), at_(text.data()), end_(text.data() + text.size()) {}

  /// Takes Python's NaN, Infinity and -Infinity for numbers and appends where each stands.
  void collect_non_numbers(std::vector<TextSpan>* spans) { non_numbers_ = spans; }

  /// The next character that is no white space, left where it is; NUL where the cursor stopped.
  char token() {
    return at_ != end_ && *at_ > ' ' && stop_ == Stop::none ? *at_ : token_behind_space();
  }
  std::optional<JsonText> string();
  /// The number as written.
  std::optional<std::string_view> number();
  std::optional<bool> boolean();
  bool null() { return token() == 'n' ? word("null") : fail("null is wanted"); }
  /// Any value.
  bool skip_value();

  /// Steps over the colon behind a name.
  bool colon() { return take(':', "a colon is wanted"); }

  /// An object: calls `visit(JsonText key)` for each member, which passes the value and returns
  /// false where the cursor stopped.
  template <typename Visit>
  bool object(Visit&& visit);
  /// An array: calls `visit(std::size_t index)` for each element.
  template <typename Visit>
  bool array(Visit&& visit);

  std::size_t offset() const { return static_cast<std::size_t>(at_ - text_.data()); }
  Stop stop() const { return stop_; }
  /// Why it is broken: `a string holds a line feed`.
  std::string_view reason() const { return reason_; }

 private:
  struct Levels {
    std::bitset<kMaxDepth> is_object;
    std::size_t depth = 0;
  };

  char token_behind_space();
  bool fail(std::string_view reason);
  bool lack();
  /// Steps over a character that must be there.
  bool take(char wanted, std::string_view reason) {
    if (token() != wanted) return fail(reason);
    ++at_;
    return true;
  }
  bool enter();
  bool scalar();
  bool word(std::string_view wanted);
  bool digits();
  bool special();
  bool escape();
  bool code_unit(unsigned& unit);
  bool non_number();
  bool is_finite(std::string_view number) const;
  bool descend(Levels& levels);
  bool ascend(Levels& levels);
  bool key();

  std::string_view text_;
  const char* at_;
  const char* end_;
  std::size_t depth_ = 0;
  Stop stop_ = Stop::none;
  std::string_view reason_;
  std::vector<TextSpan>* non_numbers_ = nullptr;
};

template <typename Visit>
bool JsonCursor::object(Visit&& visit) {
  if (token() != '{' || !enter()) return fail("an object is wanted");
  if (token() == '}') {
    --depth_;
    ++at_;
    return true;
  }
  while (true) {
    if (token() != '"') return fail("a member's name is wanted");
    const std::optional<JsonText> name = string();
    if (!name || !colon() || !visit(*name)) return false;
    if (token() == '}') break;
    if (!take(',', "a comma or the object's end is wanted")) return false;
  }
  --depth_;
  ++at_;
  return true;
}

template <typename Visit>
bool JsonCursor::array(Visit&& visit) {
  if (token() != '[' || !enter()) return fail("an array is wanted");
  if (token() == ']') {
    --depth_;
    ++at_;
    return true;
  }
  for (std::size_t index = 0;; ++index) {
    if (!visit(index)) return false;
    if (token() == ']') break;
    if (!take(',', "a comma or the array's end is wanted")) return false;
  }
  --depth_;
  ++at_;
  return true;
}

}  // namespace xtrace
