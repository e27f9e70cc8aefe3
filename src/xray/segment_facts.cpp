#include <algorithm>

#include <xtrace/segment_facts.h>

#include "base/ascii.h"

namespace xtrace {

Flags flags_of_status(int status) {
  return {.error = status >= 400 && status <= 499,
          .throttle = status == 429,
          .fault = status >= 500 && status <= 599};
}

bool is_annotation_key(std::string_view key) {
  constexpr std::size_t kMaxKey = 500;
  return !key.empty() && key.size() <= kMaxKey &&
         std::ranges::all_of(key, [](char c) { return is_alpha(c) || is_digit(c) || c == '_'; });
}

}  // namespace xtrace
