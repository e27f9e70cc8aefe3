#include <algorithm>

#include <xtrace/http.h>

#include "base/ascii.h"

namespace xtrace {

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return same_word(a, b);
}

void Headers::add(std::string_view name, std::string_view value) {
  fields_.push_back({.name = std::string(name), .value = std::string(value)});
}

void Headers::set(std::string_view name, std::string_view value) {
  const auto is_named = [name](const Header& field) {
    return equals_ignoring_case(field.name, name);
  };
  const auto first = std::find_if(fields_.begin(), fields_.end(), is_named);
  if (first == fields_.end()) return add(name, value);
  // The arguments may point into the field that is replaced.
  Header replacement{.name = std::string(name), .value = std::string(value)};
  const auto rest = std::remove_if(first + 1, fields_.end(), [&replacement](const Header& field) {
    return equals_ignoring_case(field.name, replacement.name);
  });
  fields_.erase(rest, fields_.end());
  *first = std::move(replacement);
}

void Headers::remove(std::string_view name) {
  const std::string kept_name{name};  // `name` may point into a field that goes
  std::erase_if(fields_, [&kept_name](const Header& field) {
    return equals_ignoring_case(field.name, kept_name);
  });
}

bool Headers::contains(std::string_view name) const {
  return find(name) != nullptr;
}

const std::string* Headers::find(std::string_view name) const {
  for (const Header& field : fields_) {
    if (equals_ignoring_case(field.name, name)) return &field.value;
  }
  return nullptr;
}

}  // namespace xtrace
