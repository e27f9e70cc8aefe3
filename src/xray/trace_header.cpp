#include <algorithm>

#include <xtrace/trace_header.h>

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
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    read_element(header, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return header;
}

}  // namespace xtrace
