#pragma once

/// Small deeds on ASCII text that the parsers of this layer share.

#include <algorithm>
#include <string>
#include <string_view>

namespace xtrace {

inline constexpr std::string_view kBlanks = " \t";

inline std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

inline char to_lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

inline bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, to_lower, to_lower);
}

/// Appends text from outside to a message: what does not print becomes `?`, and 80 bytes are
/// enough.
inline void append_shown(std::string& message, std::string_view text) {
  constexpr std::size_t kEnough = 80;
  for (const char letter : text.substr(0, kEnough)) {
    message += letter >= ' ' && letter <= '~' ? letter : '?';
  }
  if (text.size() > kEnough) message += "...";
}

}  // namespace xtrace
