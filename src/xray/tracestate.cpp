#include "xray/tracestate.h"

#include <algorithm>

#include "base/ascii.h"
#include "xray/trace_fields.h"

namespace xtrace {

namespace {

constexpr std::string_view kOwnKey = "xtrace";
constexpr std::size_t kMaxMembers = 32;
constexpr std::size_t kMaxKeyBytes = 256;
constexpr std::size_t kMaxValueBytes = 256;
constexpr std::size_t kLongMember = 128;

/// Takes the next member off the list, trimmed; empty ones are allowed anywhere.
std::string_view take_member(std::string_view& list) {
  const std::size_t end = std::min(list.find(','), list.size());
  const std::string_view member = trim(list.substr(0, end));
  list.remove_prefix(std::min(end + 1, list.size()));
  return member;
}

bool is_tracestate_character(char c) {
  return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_' || c == '-' || c == '*' || c == '/' ||
         c == '@';
}

bool is_key(std::string_view text) {
  return !text.empty() && text.size() <= kMaxKeyBytes && (to_lower(text.front()) == text.front()) &&
         (is_alpha(text.front()) || is_digit(text.front())) &&
         std::ranges::all_of(text, is_tracestate_character);
}

bool is_value(std::string_view text) {
  return !text.empty() && text.size() <= kMaxValueBytes && std::ranges::all_of(text, [](char c) {
    return c >= ' ' && c <= '~' && c != ',' && c != '=';
  });
}

std::string_view key_of(std::string_view member) {
  return member.substr(0, member.find('='));
}

bool is_member(std::string_view text) {
  const std::size_t equals = text.find('=');
  return equals != std::string_view::npos && is_key(text.substr(0, equals)) &&
         is_value(text.substr(equals + 1));
}

/// How many members the list has; more than there may be where one is broken.
std::size_t count_members(std::string_view list) {
  std::size_t count = 0;
  while (!list.empty()) {
    const std::string_view member = take_member(list);
    if (member.empty()) continue;
    if (!is_member(member)) return kMaxMembers + 1;
    ++count;
  }
  return count;
}

int digit_value(char c) {
  return is_digit(c) ? c - '0' : to_lower(c) - 'a' + 10;
}

std::string unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escape = text[i] == '%' && i + 2 < text.size() && is_hex_digit(text[i + 1]) &&
                           is_hex_digit(text[i + 2]);
    if (is_escape) {
      plain += static_cast<char>(digit_value(text[i + 1]) * 16 + digit_value(text[i + 2]));
      i += 2;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

void read_own_member(TraceHeader& header, std::string_view value) {
  while (!value.empty()) {
    const std::size_t end = std::min(value.find(';'), value.size());
    const std::string_view field = value.substr(0, end);
    value.remove_prefix(std::min(end + 1, value.size()));
    const std::size_t colon = field.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string key = unescape(field.substr(0, colon));
    const std::string text = unescape(field.substr(colon + 1));
    if (is_carried_key(key) && is_carried(text) && !is_own_key(key)) keep_extra(header, key, text);
  }
}

/// Where the member begins that goes first when there are too many bytes.
std::size_t find_least_wanted(std::string_view list) {
  std::size_t last = 0;
  std::size_t last_long = std::string_view::npos;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    if (end - at > kLongMember) last_long = at;
    last = at;
    at = end + 1;
  }
  return last_long == std::string_view::npos ? last : last_long;
}

void shorten(std::string& list) {
  while (list.size() > TraceHeader::kMaxTracestateBytes) {
    const std::size_t begin = find_least_wanted(list);
    const std::size_t end = list.find(',', begin);
    if (end == std::string::npos) {
      list.erase(begin == 0 ? 0 : begin - 1);
    } else {
      list.erase(begin, end + 1 - begin);
    }
  }
}

void append_escaped(std::string& out, std::string_view text, char separator) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    if (c != '%' && c != ',' && c != '=' && c != separator) {
      out += c;
      continue;
    }
    out += '%';
    out += kHex[static_cast<unsigned char>(c) / 16U];
    out += kHex[static_cast<unsigned char>(c) % 16U];
  }
}

void append_own_member(std::string& out, const std::vector<TraceField>& extra) {
  const std::size_t start = out.size();
  out += kOwnKey;
  out += '=';
  const std::size_t value = out.size();
  for (const TraceField& field : extra) {
    if (!is_carried_key(field.key) || !is_carried(field.value) || is_own_key(field.key)) continue;
    const std::size_t before = out.size();
    if (before > value) out += ';';
    append_escaped(out, field.key, ':');
    out += ':';
    append_escaped(out, field.value, '%');
    if (out.size() - value > kMaxValueBytes) out.resize(before);
  }
  if (out.size() == value) out.resize(start);
}

}  // namespace

void read_tracestate(TraceHeader& header, std::string_view text) {
  if (count_members(text) > kMaxMembers) return;
  while (!text.empty()) {
    const std::string_view member = take_member(text);
    if (member.empty()) continue;
    if (key_of(member) == kOwnKey) {
      read_own_member(header, member.substr(kOwnKey.size() + 1));
      continue;
    }
    if (!header.tracestate.empty()) header.tracestate += ',';
    header.tracestate += member;
  }
  shorten(header.tracestate);
}

void append_tracestate(const TraceHeader& header, std::string& out) {
  std::string_view others = header.tracestate;
  const std::size_t count = count_members(others);
  if (count > kMaxMembers || others.size() > TraceHeader::kMaxTracestateBytes) others = {};
  const std::size_t start = out.size();
  append_own_member(out, header.extra);
  const bool has_room = out.size() - start + 1 + others.size() <= TraceHeader::kMaxTracestateBytes;
  if (!others.empty() && (!has_room || count == kMaxMembers)) out.resize(start);
  while (!others.empty()) {
    const std::string_view member = take_member(others);
    if (member.empty() || key_of(member) == kOwnKey) continue;
    if (out.size() > start) out += ',';
    out += member;
  }
}

}  // namespace xtrace
