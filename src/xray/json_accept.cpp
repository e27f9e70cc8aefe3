#include "xray/json_accept.h"

#include <nlohmann/json.hpp>

namespace xtrace {

bool is_json(std::string_view text) {
  // Both pass there: as the end of the text, and as an encoding's mark.
  if (text.find('\0') != std::string_view::npos || text.starts_with("\xEF\xBB\xBF")) return false;
  return nlohmann::json::accept(text.begin(), text.end());
}

std::string without_line_ends(std::string_view json) {
  std::string text{json};
  for (char& c : text) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return text;
}

}  // namespace xtrace
