#include "xray/json_check_values.h"

#include <algorithm>
#include <array>

#include <xtrace/segment.h>

#include "base/ascii.h"
#include "base/utf8.h"
#include "xray/correct.h"
#include "xray/text.h"

namespace xtrace {

namespace {

constexpr std::size_t kLongestName = 200;

std::string quote(std::string_view text) {
  std::string quoted = "\"";
  append_shown(quoted, text);
  return quoted += '"';
}

std::size_t count_code_points(std::string_view text) {
  // Valid UTF-8: all bytes but the continuing ones begin a code point.
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool is_all_hex(std::string_view text) {
  return std::ranges::all_of(text, is_hex_digit);
}

bool is_common_name_character(char c) {
  return is_alpha(c) || is_digit(c) ||
         std::string_view(" _.:/%&#=+\\-@").find(c) != std::string_view::npos;
}

/// A character that no name may have, for a message.
std::string find_odd_character(std::string_view name) {
  for (std::string_view rest = name; !rest.empty();) {
    const std::string_view character = rest.substr(0, decode_utf8(rest).length);
    const bool is_odd = correct_name(character).is_changed && character != " ";
    if (is_odd && character.size() == 1) return quote(character);
    if (is_odd) return "\"" + std::string(character) + "\"";
    rest.remove_prefix(character.size());
  }
  return {};
}

std::string judge_digits(std::string_view digits, std::size_t wanted) {
  const auto* odd = std::ranges::find_if_not(digits, is_hex_digit);
  if (odd != digits.end()) return quote({odd, 1}) + " is no hex digit";
  if (digits.size() == wanted) return {};
  return std::to_string(digits.size()) + " hex digits instead of " + std::to_string(wanted);
}

}  // namespace

std::string judge_segment_id(const JsonText& id) {
  constexpr std::size_t kLength = 16;
  if (id.raw.size() == kLength && is_all_hex(id.raw)) return {};
  const std::string text = id.decode();
  if (text.empty()) return "it is empty";
  const std::string wrong = judge_digits(text, kLength);
  return wrong.empty() ? wrong : quote(text) + ": " + wrong;
}

std::string judge_trace_id(const JsonText& id) {
  constexpr std::size_t kLength = 35;
  const auto is_right = [](std::string_view text) {
    return text.size() == kLength && text.starts_with("1-") && text[10] == '-' &&
           is_all_hex(text.substr(2, 8)) && is_all_hex(text.substr(11));
  };
  if (is_right(id.raw)) return {};
  const std::string text = id.decode();
  if (is_right(text)) return {};
  if (text.empty()) return "it is empty";
  const std::string shown = quote(text) + ": ";
  if (text.size() == 32 && is_all_hex(text)) {
    return shown + "a W3C id is written 1-" + text.substr(0, 8) + "-" + text.substr(8);
  }
  return shown + "it is not 1-, 8 hex digits, -, 24 hex digits";
}

std::string judge_name(const JsonText& name) {
  if (name.raw.size() <= kLongestName && !name.raw.empty() && !name.has_escapes &&
      std::ranges::all_of(name.raw, is_common_name_character)) {
    return {};
  }
  const std::string text = name.decode();
  if (text.empty()) return "it is empty";
  const std::size_t length = count_code_points(text);
  if (length > kLongestName) return std::to_string(length) + " characters, and 200 are allowed";
  const std::string odd = find_odd_character(text);
  return odd.empty() ? odd : "the character " + odd + " is not allowed";
}

std::string judge_key(const JsonText& key) {
  const std::string text = key.decode();
  if (is_annotation_key(text)) return {};
  if (text.empty()) return "it is empty";
  if (text.size() > 500) return std::to_string(text.size()) + " characters, and 500 are allowed";
  return "a key is made of letters, digits and underscores";
}

std::string judge_length(const JsonText& text, std::size_t most) {
  if (text.raw.size() <= most) return {};
  const std::size_t length = count_code_points(text.has_escapes ? text.decode() : text.raw);
  if (length <= most) return {};
  return std::to_string(length) + " characters, and " + std::to_string(most) + " are allowed";
}

std::string_view kind_of_value(char first) {
  switch (first) {
    case '"':
      return "a text";
    case '{':
      return "an object";
    case '[':
      return "an array";
    case 't':
    case 'f':
      return "a boolean";
    case 'n':
      return "null";
    default:
      return "a number";
  }
}

}  // namespace xtrace
