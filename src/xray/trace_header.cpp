#include <algorithm>

#include <xtrace/trace_header.h>

#include "xray/text.h"

namespace xtrace {

namespace {

/// Longer than any id there is; what is longer is no root and no parent.
constexpr std::size_t kMaxIdBytes = 128;

/// What prints, and neither ends an element nor makes other parsers stumble.
bool is_carried(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~' && c != ';'; });
}

bool is_carried_key(std::string_view key) {
  return is_carried(key) && key.find('=') == std::string_view::npos;
}

bool is_own_key(std::string_view key) {
  return same_word(key, "Root") || same_word(key, "Parent") || same_word(key, "Sampled") ||
         same_word(key, "Self");
}

Sampled read_sampled(std::string_view value) {
  if (value == "0") return Sampled::no;
  if (value == "1") return Sampled::yes;
  if (value == "?") return Sampled::requested;
  return Sampled::unknown;
}

std::string_view sampled_text(Sampled sampled) {
  switch (sampled) {
    case Sampled::no:
      return "0";
    case Sampled::yes:
      return "1";
    case Sampled::requested:
      return "?";
    case Sampled::unknown:
      break;
  }
  return {};
}

void read_root(TraceHeader& header, std::string_view value) {
  if (value.size() > kMaxIdBytes) return;
  header.root.reset();
  header.root_text.clear();
  const Expected<TraceId> id = TraceId::parse(value);
  if (id) {
    header.root = *id;
  } else {
    header.root_text = value;
  }
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

void read_element(TraceHeader& header, std::string_view element) {
  const std::size_t equals = element.find('=');
  if (equals == std::string_view::npos) return;
  const std::string_view key = trim(element.substr(0, equals));
  const std::string_view value = trim(element.substr(equals + 1));
  if (!is_carried_key(key) || !is_carried(value)) return;
  if (same_word(key, "Root")) return read_root(header, value);
  if (same_word(key, "Sampled")) {
    header.sampled = read_sampled(value);
  } else if (same_word(key, "Parent")) {
    if (value.size() <= kMaxIdBytes) header.parent = value;
  } else if (!is_own_key(key)) {
    keep_extra(header, key, value);
  }
}

void append_element(std::string& text, std::string_view key, std::string_view value) {
  if (!is_carried_key(key) || !is_carried(value)) return;
  if (!text.empty()) text += ';';
  text += key;
  text += '=';
  text += value;
}

}  // namespace

bool TraceHeader::is_empty() const {
  return *this == TraceHeader{};
}

std::string TraceHeader::to_string() const {
  std::string text;
  append_element(text, "Root", root ? root->text() : std::string_view{root_text});
  append_element(text, "Parent", parent);
  append_element(text, "Sampled", sampled_text(sampled));
  for (const TraceField& field : extra) {
    if (!is_own_key(field.key)) append_element(text, field.key, field.value);
  }
  return text;
}

TraceHeader parse_trace_header(std::string_view text) {
  TraceHeader header;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    read_element(header, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return header;
}

}  // namespace xtrace
