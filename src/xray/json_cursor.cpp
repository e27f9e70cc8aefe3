#include "xray/json_cursor.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>

#include "base/ascii.h"
#include "base/utf8.h"

namespace xtrace {

namespace {

constexpr std::string_view kTooDeep = "it is nested more than 512 deep";

constexpr bool is_white(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/// True for bytes that a string may hold as they are, without a second look.
constexpr bool is_plain(char c) {
  return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

/// How many of the eight bytes at `at`, from the first on, are plain. Bytes past the first that is
/// not may be misjudged.
std::size_t plain_bytes(const char* at) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kHighs = kOnes * 0x80U;
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  if constexpr (std::endian::native == std::endian::big) return 0;
  const auto has_zero = [](std::uint64_t x) { return (x - kOnes) & ~x; };
  const std::uint64_t odd = word | (word - kOnes * 0x20U) | has_zero(word ^ (kOnes * '"')) |
                            has_zero(word ^ (kOnes * '\\'));
  return static_cast<std::size_t>(std::countr_zero(odd & kHighs)) / 8;
}

/// The decimal exponent of a number's first digit that is not 0.
long magnitude(std::string_view number) {
  constexpr long kHuge = 1'000'000'000;
  const std::size_t exponent_at = std::min(number.find_first_of("eE"), number.size());
  const std::string_view mantissa = number.substr(0, exponent_at);
  long exponent = 0;
  if (exponent_at < number.size()) {
    std::string_view digits = number.substr(exponent_at + 1);
    const bool is_negative = digits.starts_with('-');
    if (is_negative || digits.starts_with('+')) digits.remove_prefix(1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (read.ec != std::errc{} || exponent > kHuge) exponent = kHuge;
    if (is_negative) exponent = -exponent;
  }
  const auto point = static_cast<long>(std::min(mantissa.find('.'), mantissa.size()));
  const auto first = static_cast<long>(mantissa.find_first_of("123456789"));
  return exponent + (first < point ? point - first - 1 : point - first);
}

}  // namespace

char JsonCursor::token_behind_space() {
  while (at_ != end_ && is_white(*at_)) ++at_;
  if (at_ != end_ && stop_ == Stop::none) return *at_;
  lack();
  return '\0';
}

std::optional<JsonText> JsonCursor::string() {
  if (!take('"', "a text is wanted")) return std::nullopt;
  const char* const begin = at_;
  bool has_escapes = false;
  while (true) {
    if (end_ - at_ >= 8) {
      const std::size_t plain = plain_bytes(at_);
      at_ += plain;
      if (plain == 8) continue;
    }
    while (at_ != end_ && is_plain(*at_)) ++at_;
    if (at_ != end_ && *at_ == '"') break;
    has_escapes = has_escapes || (at_ != end_ && *at_ == '\\');
    if (!special()) return std::nullopt;
  }
  const std::string_view raw(begin, static_cast<std::size_t>(at_ - begin));
  ++at_;
  return JsonText{raw, has_escapes};
}

/// An escape, or a character past ASCII.
bool JsonCursor::special() {
  if (at_ == end_) return lack();
  if (*at_ == '\\') return escape();
  if (*at_ == '\n') return fail("a text has no end on its line");
  if (static_cast<unsigned char>(*at_) < 0x20) return fail("a text holds a control character");
  const std::string_view rest(at_, static_cast<std::size_t>(end_ - at_));
  const CodePoint point = decode_utf8(rest);
  if (!point.is_valid) return point.length == rest.size() ? lack() : fail("a text is not UTF-8");
  at_ += point.length;
  return true;
}

bool JsonCursor::escape() {
  ++at_;
  if (at_ == end_) return lack();
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  if (kLetters.find(*at_) != std::string_view::npos) {
    ++at_;
    return true;
  }
  unsigned unit = 0;
  if (*at_ != 'u') return fail("a text has a backslash before a letter that is no escape");
  if (!code_unit(unit)) return false;
  if (is_low_surrogate(unit)) return fail("a text has the second half of a pair alone");
  if (!is_high_surrogate(unit)) return true;
  if (at_ == end_) return lack();
  constexpr std::string_view kAlone = "a text has the first half of a pair alone";
  if (*at_++ != '\\') return fail(kAlone);
  if (at_ == end_) return lack();
  if (*at_ != 'u') return fail(kAlone);
  if (!code_unit(unit)) return false;
  return is_low_surrogate(unit) || fail(kAlone);
}

/// `uXXXX`, the cursor being on the u.
bool JsonCursor::code_unit(unsigned& unit) {
  ++at_;
  for (int i = 0; i < 4; ++i, ++at_) {
    if (at_ == end_) return lack();
    if (!is_hex_digit(*at_)) return fail("a text has \\u without four hex digits");
  }
  unit = read_code_unit(at_ - 4);
  return true;
}

std::optional<std::string_view> JsonCursor::number() {
  const char first = token();
  if (stop_ != Stop::none) return std::nullopt;
  const char* const begin = at_;
  const auto text = [this, begin] {
    return std::string_view(begin, static_cast<std::size_t>(at_ - begin));
  };
  if (first == 'N' || first == 'I' || text_.substr(offset()).starts_with("-I")) {
    return non_number() ? std::optional(text()) : std::nullopt;
  }
  if (first == '-') ++at_;
  const char* const whole = at_;
  if (!digits()) return std::nullopt;
  if (*whole == '0' && at_ - whole > 1) {
    at_ = whole;
    fail("a number begins with 0");
    return std::nullopt;
  }
  if (at_ != end_ && *at_ == '.') {
    ++at_;
    if (!digits()) return std::nullopt;
  }
  bool may_overflow = false;
  if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
    ++at_;
    if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
    if (!digits()) return std::nullopt;
    may_overflow = true;
  }
  // Up to 300 digits are below 1e300. At the end of the text the number may go on.
  may_overflow = may_overflow || text().size() > 300;
  if (may_overflow && at_ != end_ && !is_finite(text())) {
    fail("a number is larger than a double holds");
    return std::nullopt;
  }
  return text();
}

bool JsonCursor::digits() {
  if (at_ == end_) return lack();
  if (!is_digit(*at_)) return fail("a digit is wanted");
  while (at_ != end_ && is_digit(*at_)) ++at_;
  return true;
}

bool JsonCursor::non_number() {
  if (non_numbers_ == nullptr) return fail("NaN and Infinity are no JSON");
  const std::size_t begin = offset();
  if (*at_ == '-') ++at_;
  if (!word(*at_ == 'N' ? "NaN" : "Infinity")) return false;
  non_numbers_->push_back({begin, offset()});
  return true;
}

bool JsonCursor::is_finite(std::string_view number) const {
  double value = 0;
  const auto read = std::from_chars(number.data(), number.data() + number.size(), value);
  // Out of range is what is too small as well, which is 0 to everybody.
  return read.ec == std::errc{} || magnitude(number) < 0;
}

std::optional<bool> JsonCursor::boolean() {
  const char first = token();
  if (first != 't' && first != 'f') {
    fail("true or false is wanted");
    return std::nullopt;
  }
  return word(first == 't' ? "true" : "false") ? std::optional(first == 't') : std::nullopt;
}

bool JsonCursor::skip_value() {
  Levels levels;
  do {
    if (!descend(levels) || !ascend(levels)) return false;
  } while (levels.depth != 0);
  return true;
}

/// Passes the brackets that open, up to the first value in them; that value, unless it is empty.
bool JsonCursor::descend(Levels& levels) {
  while (true) {
    const char first = token();
    if (first != '{' && first != '[') return scalar();
    if (depth_ + levels.depth == kMaxDepth) return fail(kTooDeep);
    ++at_;
    const bool is_object = first == '{';
    levels.is_object[levels.depth++] = is_object;
    if (token() == (is_object ? '}' : ']')) return true;
    if (is_object && !key()) return false;
  }
}

/// After a value: passes the brackets that close, and what is between it and the next value.
bool JsonCursor::ascend(Levels& levels) {
  while (levels.depth != 0) {
    const bool is_object = levels.is_object[levels.depth - 1];
    const char next = token();
    if (next == ',') {
      ++at_;
      return !is_object || key();
    }
    if (next != (is_object ? '}' : ']')) {
      return fail(is_object ? "a comma or the object's end is wanted"
                            : "a comma or the array's end is wanted");
    }
    ++at_;
    --levels.depth;
  }
  return true;
}

bool JsonCursor::key() {
  if (token() != '"') return fail("a member's name is wanted");
  return string() && colon();
}

bool JsonCursor::scalar() {
  switch (token()) {
    case '"':
      return string().has_value();
    case 't':
      return word("true");
    case 'f':
      return word("false");
    case 'n':
      return word("null");
    case '-':
    case 'N':
    case 'I':
      return number().has_value();
    default:
      return stop_ == Stop::none && is_digit(*at_) ? number().has_value()
                                                   : fail("a value is wanted");
  }
}

bool JsonCursor::word(std::string_view wanted) {
  for (const char letter : wanted) {
    if (at_ == end_) return lack();
    if (*at_ != letter) return fail("a value is wanted");
    ++at_;
  }
  return true;
}

bool JsonCursor::enter() {
  if (depth_ == kMaxDepth) return fail(kTooDeep);
  ++depth_;
  ++at_;
  return true;
}

bool JsonCursor::fail(std::string_view reason) {
  if (stop_ != Stop::none) return false;
  stop_ = Stop::broken;
  reason_ = reason;
  return false;
}

bool JsonCursor::lack() {
  if (stop_ == Stop::none) stop_ = Stop::incomplete;
  return false;
}

}  // namespace xtrace
