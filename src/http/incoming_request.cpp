#include <algorithm>

#include <xtrace/incoming_request.h>

#include "base/ascii.h"

namespace xtrace {

const FieldView* IncomingRequest::find(std::string_view name) const {
  const auto is_named = [name](const FieldView& field) { return same_word(field.name, name); };
  const auto found = std::ranges::find_if(fields, is_named);
  return found == fields.end() ? nullptr : &*found;
}

std::string_view IncomingRequest::value_of(std::string_view name) const {
  const FieldView* field = find(name);
  return field != nullptr ? field->value : std::string_view();
}

}  // namespace xtrace
