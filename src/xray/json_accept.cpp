#include "xray/json_accept.h"

#include <nlohmann/json.hpp>

namespace xtrace {

bool is_json(std::string_view text) {
  return nlohmann::json::accept(text.begin(), text.end());
}

}  // namespace xtrace
