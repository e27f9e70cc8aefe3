#include "xray/trace_fields.h"

#include <algorithm>

#include "xray/text.h"

namespace xtrace {

// Every request has one, and a loop that does not leave early is one of vectors.
bool is_carried(std::string_view text) {
  bool is_clean = !text.empty();
  for (const char c : text) {
    const bool is_good = (c > ' ') & (c <= '~') & (c != ';');
    is_clean &= is_good;
  }
  return is_clean;
}

bool is_carried_key(std::string_view key) {
  return is_carried(key) && key.find('=') == std::string_view::npos;
}

bool is_own_key(std::string_view key) {
  return same_word(key, "Root") || same_word(key, "Parent") || same_word(key, "Sampled") ||
         same_word(key, "Self");
}

void keep_extra(TraceHeader& header, std::string_view key, std::string_view value) {
  const auto same = std::ranges::find_if(
      header.extra, [key](const TraceField& field) { return same_word(field.key, key); });
  std::size_t used = key.size() + value.size();
  for (const TraceField& field : header.extra) used += field.key.size() + field.value.size();
  if (same != header.extra.end()) used -= same->key.size() + same->value.size();
  if (used > TraceHeader::kMaxExtraBytes) return;
  if (same == header.extra.end()) {
    header.extra.push_back({std::string{key}, std::string{value}});
  } else {
    *same = {std::string{key}, std::string{value}};
  }
}

}  // namespace xtrace
