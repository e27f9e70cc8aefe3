#pragma once

/// The lines of a text, for tests of what a person reads.

#include <string>
#include <vector>

namespace xtrace::testing {

/// Without their line feeds; what is behind the last one is a line too, unless it is empty.
inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    if (end == std::string::npos) break;
    at = end + 1;
  }
  return lines;
}

}  // namespace xtrace::testing
