#include "http/request_target.h"

#include <algorithm>
#include <optional>

#include <xtrace/address.h>

#include "http/characters.h"

namespace xtrace {

namespace {

constexpr std::size_t kMaxHost = 253;
constexpr std::size_t kMaxPortDigits = 5;

Error fault(std::string_view deed) {
  return {Error::Code::request_invalid, Phase::request, "the request " + std::string(deed)};
}

std::optional<std::string_view> behind_scheme(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (same_word(target.substr(0, scheme.size()), scheme)) return target.substr(scheme.size());
  }
  return std::nullopt;
}

void split_path(TargetParts& parts, std::string_view path_and_query) {
  const std::size_t mark = std::min(path_and_query.find('?'), path_and_query.size());
  parts.path = path_and_query.substr(0, mark);
  parts.query = path_and_query.substr(std::min(mark + 1, path_and_query.size()));
}

bool is_name(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.empty() || text.size() > kMaxHost || text.starts_with('.') || text.ends_with('.') ||
      text.find("..") != std::string_view::npos) {
    return false;
  }
  return std::ranges::all_of(
      text, [](char c) { return is_alpha(c) || is_digit(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_port(std::string_view text) {
  if (text.empty() || text.size() > kMaxPortDigits) return false;
  int port = 0;
  for (const char c : text) {
    if (!is_digit(c)) return false;
    port = port * 10 + (c - '0');
  }
  return port <= 65535;
}

// A zone means something on the client's machine only.
bool is_ipv6(std::string_view text) {
  return text.find(':') != std::string_view::npos &&
         text.find_first_of("%[") == std::string_view::npos &&
         Address::from_ip(text, 0).has_value();
}

}  // namespace

Expected<TargetParts> split_target(std::string_view method, std::string_view target) {
  TargetParts parts;
  if (target.starts_with('/')) {
    split_path(parts, target);
    return parts;
  }
  if (target == "*") {
    if (method != "OPTIONS") return fault("has the target * with another method than OPTIONS");
    parts.path = target;
    return parts;
  }
  const std::optional<std::string_view> rest = behind_scheme(target);
  if (!rest) return fault("has a target that is neither a path nor an http URL");
  parts.host = rest->substr(0, rest->find_first_of("/?"));
  if (parts.host.find('@') != std::string_view::npos) return fault("has userinfo in its target");
  if (!is_host_and_port(parts.host)) return fault("has a target whose host is invalid");
  split_path(parts, rest->substr(parts.host.size()));
  const bool is_bare = rest->size() == parts.host.size();
  if (parts.path.empty()) parts.path = method == "OPTIONS" && is_bare ? "*" : "/";
  return parts;
}

bool is_host_and_port(std::string_view text) {
  const std::size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == std::string_view::npos) return false;
  const std::size_t colon = std::min(text.find(':', bracket), text.size());
  if (colon < text.size() && !is_port(text.substr(colon + 1))) return false;
  const std::string_view host = text.substr(0, colon);
  if (bracket == 0) return is_name(host);
  return host.ends_with(']') && is_ipv6(host.substr(1, host.size() - 2));
}

}  // namespace xtrace
