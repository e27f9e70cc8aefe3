#include <algorithm>
#include <optional>
#include <utility>

#include <xtrace/trace_header.h>

#include "xray/header_views.h"
#include "xray/text.h"
#include "xray/trace_fields.h"

namespace xtrace {

namespace {

/// Longer than any id there is; what is longer is no root and no parent.
constexpr std::size_t kMaxIdBytes = 128;

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

template <class Header>
void read_root(Header& header, std::string_view value) {
  if (value.size() > kMaxIdBytes) return;
  header.root.reset();
  header.root_text = {};
  const Expected<TraceId> id = TraceId::parse(value);
  if (id) {
    header.root = *id;
  } else {
    header.root_text = value;
  }
}

bool keep(TraceHeader& header, std::string_view key, std::string_view value) {
  keep_extra(header, key, value);
  return true;
}

bool keep(HeaderViews& header, std::string_view key, std::string_view value) {
  std::size_t used = key.size() + value.size();
  for (const FieldViews& field : header.extra) {
    if (same_word(field.key, key)) return false;
    used += field.key.size() + field.value.size();
  }
  return used > TraceHeader::kMaxExtraBytes || header.extra.add(key, value);
}

/// False where the header has no room for what it holds.
template <class Header>
bool read_element(Header& header, std::string_view element) {
  const std::size_t equals = element.find('=');
  if (equals == std::string_view::npos) return true;
  const std::string_view key = trim(element.substr(0, equals));
  const std::string_view value = trim(element.substr(equals + 1));
  if (!is_carried_key(key) || !is_carried(value)) return true;
  if (same_word(key, "Root")) {
    read_root(header, value);
  } else if (same_word(key, "Sampled")) {
    header.sampled = read_sampled(value);
  } else if (same_word(key, "Parent")) {
    if (value.size() <= kMaxIdBytes) header.parent = value;
  } else if (!is_own_key(key)) {
    return keep(header, key, value);
  }
  return true;
}

template <class Header>
bool read_elements(Header& header, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    if (!read_element(header, text.substr(0, end))) return false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

void append_element(std::string& out, std::size_t start, std::string_view key,
                    std::string_view value) {
  if (!is_carried_key(key) || !is_carried(value)) return;
  if (out.size() > start) out += ';';
  out += key;
  out += '=';
  out += value;
}

}  // namespace

bool TraceHeader::is_empty() const {
  return *this == TraceHeader{};
}

void TraceHeader::append_to(std::string& out) const {
  const std::size_t start = out.size();
  append_element(out, start, "Root", root ? root->text() : std::string_view{root_text});
  append_element(out, start, "Parent", parent);
  append_element(out, start, "Sampled", sampled_text(sampled));
  for (const TraceField& field : extra) {
    if (!is_own_key(field.key)) append_element(out, start, field.key, field.value);
  }
}

std::string TraceHeader::to_string() const {
  std::string text;
  append_to(text);
  return text;
}

TraceHeader parse_trace_header(std::string_view text) {
  TraceHeader header;
  read_elements(header, text);
  return header;
}

std::optional<HeaderViews> view_trace_header(std::string_view text) {
  std::optional<HeaderViews> header{std::in_place};
  if (!read_elements(*header, text)) header.reset();
  return header;
}

}  // namespace xtrace
