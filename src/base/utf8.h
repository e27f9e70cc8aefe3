#pragma once

/// Reading and cutting UTF-8 that may be broken.

#include <cstddef>
#include <string_view>

namespace xtrace {

inline constexpr char32_t kReplacementCharacter = 0xFFFD;

struct CodePoint {
  /// `kReplacementCharacter` where the bytes are not UTF-8.
  char32_t value = 0;
  /// How many bytes it takes; of broken input the longest beginning of a code point, at least one
  /// byte.
  std::size_t length = 0;
  bool is_valid = false;
};

/// The first code point of a text that is not empty. Overlong forms, surrogates and values past
/// U+10FFFF are not valid.
CodePoint decode_utf8(std::string_view text);

/// The longest beginning of `text` of at most `bytes` bytes that cuts no code point in two.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes);

/// The first `count` code points; a broken sequence counts as one.
std::string_view utf8_first(std::string_view text, std::size_t count);

}  // namespace xtrace
