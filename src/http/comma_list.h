#pragma once

/// Header fields that are lists (RFC 9110 section 5.6.1).

#include <algorithm>
#include <string_view>

#include "base/ascii.h"

namespace xtrace {

/// Takes the next element, and the comma behind it, off the front of `list`. Elements may be empty;
/// quotes mean nothing.
constexpr std::string_view take_element(std::string_view& list) {
  const std::size_t comma = std::min(list.find(','), list.size());
  const std::string_view element = trim(list.substr(0, comma));
  list.remove_prefix(std::min(comma + 1, list.size()));
  return element;
}

/// Whether the fields of that name, together one list, hold `token`.
template <class Fields>
constexpr bool lists(const Fields& fields, std::string_view name, std::string_view token) {
  for (const auto& field : fields) {
    if (!same_word(field.name, name)) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      if (same_word(take_element(rest), token)) return true;
    }
  }
  return false;
}

}  // namespace xtrace
