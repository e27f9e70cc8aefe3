#include <algorithm>
#include <array>

#include <arpa/inet.h>

#include <xtrace/server_trace.h>

#include "base/ascii.h"

namespace xtrace {

namespace {

bool is_ip(int family, std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) return false;
  text.copy(terminated.data(), text.size());
  return inet_pton(family, terminated.data(), bytes.data()) == 1;
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && std::ranges::all_of(text, is_digit);
}

/// `[2001:db8::5]`, `[2001:db8::5]:4711`
std::optional<std::string_view> bracketed_ip(std::string_view entry) {
  const std::size_t end = entry.find(']');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view rest = entry.substr(end + 1);
  if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return std::nullopt;
  const std::string_view ip = entry.substr(1, end - 1);
  return is_ip(AF_INET6, ip) ? std::optional{ip} : std::nullopt;
}

std::optional<std::string_view> ip_of(std::string_view entry) {
  if (entry.empty()) return std::nullopt;
  if (entry.front() == '[') return bracketed_ip(entry);
  const std::size_t colon = entry.find(':');
  if (colon == std::string_view::npos) {
    return is_ip(AF_INET, entry) ? std::optional{entry} : std::nullopt;
  }
  // More than one colon, and no brackets: there is no telling a port, so there is none.
  if (entry.find(':', colon + 1) != std::string_view::npos) {
    return is_ip(AF_INET6, entry) ? std::optional{entry} : std::nullopt;
  }
  const std::string_view ip = entry.substr(0, colon);
  return is_ip(AF_INET, ip) && is_port(entry.substr(colon + 1)) ? std::optional{ip} : std::nullopt;
}

}  // namespace

std::optional<std::string_view> client_ip_of(std::string_view forwarded_for,
                                             std::size_t trusted_hops) {
  if (trusted_hops == 0) return std::nullopt;
  for (std::size_t hop = 1; hop < trusted_hops; ++hop) {
    const std::size_t comma = forwarded_for.rfind(',');
    if (comma == std::string_view::npos) return std::nullopt;
    forwarded_for = forwarded_for.substr(0, comma);
  }
  const std::size_t comma = forwarded_for.rfind(',');
  if (comma != std::string_view::npos) forwarded_for.remove_prefix(comma + 1);
  return ip_of(trim(forwarded_for));
}

}  // namespace xtrace
