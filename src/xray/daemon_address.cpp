#include <algorithm>
#include <array>
#include <charconv>

#include <arpa/inet.h>

#include <xtrace/daemon_address.h>

#include "xray/text.h"

namespace xtrace {

namespace {

Error refuse(std::string_view part, std::string_view reason) {
  std::string message = "read daemon address \"";
  append_shown(message, part);
  message += "\": ";
  message += reason;
  return {Error::Code::invalid_address, Phase::none, std::move(message)};
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_';
}

bool is_ipv6(std::string_view text) {
  const std::string without_zone{text.substr(0, text.find('%'))};
  std::array<unsigned char, 16> bytes{};
  return ::inet_pton(AF_INET6, without_zone.c_str(), bytes.data()) == 1;
}

/// Splits `host:port` or `[v6]:port` at its last colon.
Expected<DaemonEndpoint> read_endpoint(std::string_view part) {
  const std::size_t colon = part.rfind(':');
  if (colon == std::string_view::npos) return refuse(part, "the port is missing (host:port)");
  std::string_view host = part.substr(0, colon);
  const std::string_view port_text = part.substr(colon + 1);
  if (host.starts_with('[')) {
    if (!host.ends_with(']')) return refuse(part, "the port is missing after the bracket");
    host = host.substr(1, host.size() - 2);
    if (!is_ipv6(host)) return refuse(part, "there is no IPv6 address between the brackets");
  } else if (host.find(':') != std::string_view::npos) {
    return refuse(part, "it has too many colons; an IPv6 address goes in brackets");
  } else if (!std::ranges::all_of(host, is_host_character)) {
    return refuse(part, "the host has a character that no host name has");
  }
  unsigned port = 0;
  const char* end = port_text.data() + port_text.size();
  const auto read = std::from_chars(port_text.data(), end, port);
  if (read.ec != std::errc{} || read.ptr != end || port == 0 || port > 65535) {
    return refuse(part, "the port is not a number from 1 to 65535");
  }
  DaemonEndpoint endpoint{.port = static_cast<std::uint16_t>(port)};
  if (!host.empty()) endpoint.host = host;
  return endpoint;
}

bool has_protocol(std::string_view part) {
  return part.starts_with("udp:") || part.starts_with("tcp:");
}

bool has_protocol_in_capitals(std::string_view part) {
  const std::string_view start = part.substr(0, 4);
  return !has_protocol(part) && (same_word(start, "udp:") || same_word(start, "tcp:"));
}

/// Why two parts are no pair; empty where they are.
std::string_view find_fault(std::string_view first, std::string_view second) {
  if (has_protocol(first) && has_protocol(second)) {
    return first.front() == second.front() ? "both are for the same protocol" : "";
  }
  if (has_protocol_in_capitals(first) || has_protocol_in_capitals(second)) {
    return "the protocols are written in lower case, udp:host:port and tcp:host:port";
  }
  return "two addresses must be udp:host:port and tcp:host:port";
}

Expected<DaemonAddress> read_both(std::string_view first, std::string_view second) {
  // The README of the Node SDK has a comma here.
  if (first.ends_with(',')) first.remove_suffix(1);
  if (const std::string_view fault = find_fault(first, second); !fault.empty()) {
    std::string both{first};
    both += ' ';
    both += second;
    return refuse(both, fault);
  }
  const Expected<DaemonEndpoint> one = read_endpoint(first.substr(4));
  if (const Error* error = one.if_error()) return *error;
  const Expected<DaemonEndpoint> other = read_endpoint(second.substr(4));
  if (const Error* error = other.if_error()) return *error;
  if (first.front() == 'u') return DaemonAddress{.udp = *one, .tcp = *other};
  return DaemonAddress{.udp = *other, .tcp = *one};
}

Expected<DaemonAddress> read_one(std::string_view part) {
  // `udp:2000` is a host of that name, `udp:host:2000` is half a pair.
  const bool has_three = part.find(':', 4) != std::string_view::npos;
  if (has_protocol(part) && part.find(',') != std::string_view::npos) {
    return refuse(part, "a space must stand between the two addresses");
  }
  if (has_protocol(part) && has_three) {
    return refuse(part, "the address of the other protocol is missing");
  }
  if (has_protocol_in_capitals(part) && has_three) {
    return refuse(part, "the protocol is written in lower case, and the other one is missing");
  }
  const Expected<DaemonEndpoint> endpoint = read_endpoint(part);
  if (const Error* error = endpoint.if_error()) return *error;
  return DaemonAddress{.udp = *endpoint, .tcp = *endpoint};
}

/// Takes the first word off `text`.
std::string_view take_word(std::string_view& text) {
  text = trim(text);
  const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
  const std::string_view word = text.substr(0, end);
  text = trim(text.substr(end));
  return word;
}

}  // namespace

std::string DaemonEndpoint::to_string() const {
  const bool is_bracketed = host.find(':') != std::string::npos;
  std::string text = is_bracketed ? "[" : "";
  text += host;
  if (is_bracketed) text += ']';
  text += ':';
  text += std::to_string(port);
  return text;
}

Expected<DaemonAddress> parse_daemon_address(std::string_view text) {
  std::string_view rest = text;
  const std::string_view first = take_word(rest);
  const std::string_view second = take_word(rest);
  if (first.empty()) return DaemonAddress{};
  if (!rest.empty()) return refuse(text, "it has more than two parts");
  return second.empty() ? read_one(first) : read_both(first, second);
}

}  // namespace xtrace
