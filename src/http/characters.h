#pragma once

/// Classes of ASCII characters, as the grammars of RFC 3986 and RFC 9110 name them; free of the
/// locale.

#include <array>
#include <cstddef>
#include <string_view>

#include "base/ascii.h"

namespace xtrace {

constexpr bool is_ascii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}

/// NUL to US, and DEL; the horizontal tab is one of them.
constexpr bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// What may stand in a field value: everything but control characters, and the tab.
constexpr bool is_field_character(char c) {
  return !is_control(c) || c == '\t';
}

inline constexpr auto kTokenCharacters = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("!#$%&'*+-.^_`|~"))
    table[static_cast<unsigned char>(c)] = true;
  for (int c = 0; c < 128; ++c) {
    const char letter = static_cast<char>(c);
    if (is_alpha(letter) || is_digit(letter)) table[static_cast<std::size_t>(c)] = true;
  }
  return table;
}();

/// A character of `token` (RFC 9110 section 5.6.2): methods and header names are made of these.
constexpr bool is_token_character(char c) {
  return kTokenCharacters[static_cast<unsigned char>(c)];
}

constexpr bool is_token(std::string_view text) {
  for (const char c : text) {
    if (!is_token_character(c)) return false;
  }
  return !text.empty();
}

}  // namespace xtrace
