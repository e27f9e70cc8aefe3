#pragma once

/// Small deeds on ASCII text that the parsers of this layer share.

#include <string>
#include <string_view>

#include "base/ascii.h"

namespace xtrace {

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
