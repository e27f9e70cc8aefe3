#include "http/host_name.h"

#include <algorithm>

#include <xtrace/address.h>

#include "http/characters.h"

namespace xtrace {

namespace {

constexpr std::size_t kMaxName = 253;
constexpr std::size_t kMaxLabel = 63;

// A name decoded from escapes may hold anything; a message should not.
std::string printable(std::string_view name) {
  std::string text{name.substr(0, kMaxName + 1)};
  std::replace_if(text.begin(), text.end(), is_control, '?');
  return text;
}

Error invalid(std::string_view name, std::string_view reason) {
  std::string message = "the host name \"" + printable(name) + "\" ";
  message += reason;
  return {Error::Code::invalid_host_name, Phase::none, std::move(message)};
}

bool is_host_character(char c) {
  return is_alpha(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
}

std::string_view fault_of_characters(std::string_view name) {
  if (!std::all_of(name.begin(), name.end(), is_ascii)) {
    return "is not ASCII: write it in its punycode form, each such label as xn--...";
  }
  const auto bad = std::find_if_not(name.begin(), name.end(), is_host_character);
  if (bad == name.end()) return {};
  if (*bad == ' ') return "holds a space";
  if (is_control(*bad)) return "holds a control character";
  return "holds a character that is no letter, digit, hyphen, underscore or dot";
}

std::string_view fault_of_labels(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.size() > kMaxName) return "is longer than 253 characters";
  while (true) {
    const std::size_t dot = std::min(name.find('.'), name.size());
    if (dot == 0) return "has an empty label";
    if (dot > kMaxLabel) return "has a label longer than 63 characters";
    if (dot == name.size()) return {};
    name.remove_prefix(dot + 1);
  }
}

// No top-level domain is a number (RFC 3696 section 2), so this is an IPv4 address in one of
// inet_aton's spellings.
bool ends_in_number(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  std::string_view label = name.substr(name.rfind('.') + 1);
  if (label.starts_with("0x")) {
    label.remove_prefix(2);
    return std::all_of(label.begin(), label.end(), is_hex_digit);
  }
  return std::all_of(label.begin(), label.end(), is_digit);
}

}  // namespace

Expected<std::string> normalize_host_name(std::string_view name) {
  if (const auto fault = fault_of_characters(name); !fault.empty()) return invalid(name, fault);
  if (const auto fault = fault_of_labels(name); !fault.empty()) return invalid(name, fault);
  std::string lower{name};
  std::transform(lower.begin(), lower.end(), lower.begin(), to_lower);
  if (ends_in_number(lower)) {
    return invalid(name, "is a number: write an IPv4 address as four decimal numbers, a.b.c.d");
  }
  return lower;
}

Expected<std::string> normalize_ipv6(std::string_view literal, std::string_view zone) {
  const Expected<Address> address = Address::from_ip(literal, 0);
  if (const Error* error = address.if_error()) {
    return Error{Error::Code::invalid_host_name, Phase::none, error->message};
  }
  std::string text = address->host();
  if (!zone.empty()) (text += '%') += zone;
  return text;
}

}  // namespace xtrace
