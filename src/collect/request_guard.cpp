#include "collect/request_guard.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <unistd.h>

#include <xtrace/http.h>

#include "base/ascii.h"

namespace xtrace::collect {

namespace {

struct HostParts {
  std::string_view name;  // without the brackets of an IPv6 literal
  std::uint16_t port = 80;
};

/// `host` was checked when the request was read: a name or a literal, with or without a port.
std::optional<HostParts> split(std::string_view host) {
  HostParts parts{.name = host};
  std::string_view port;
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos) return {};
    parts.name = host.substr(1, end - 1);
    port = host.substr(end + 1);
  } else if (const std::size_t colon = host.find(':'); colon != std::string_view::npos) {
    parts.name = host.substr(0, colon);
    port = host.substr(colon);
  }
  if (port.size() < 2) return parts;  // `host:` is the scheme's port too
  const char* const end = port.data() + port.size();
  const auto read = std::from_chars(port.data() + 1, end, parts.port);
  if (read.ec != std::errc{} || read.ptr != end) return {};
  return parts;
}

bool is_any(const Address& address) {
  if (address.family() == Address::Family::ipv4)
    return address.ipv4() == std::array<std::uint8_t, 4>{};
  return address.family() == Address::Family::ipv6 &&
         address.ipv6() == std::array<std::uint8_t, 16>{};
}

}  // namespace

std::vector<std::string> names_of_machine() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return {};
  return {std::string(name.data())};
}

namespace {

/// Whether a browser follows a link, as opposed to a page that loads or asks for something.
bool is_navigation(const IncomingRequest& request) {
  return (request.method == "GET" || request.method == "HEAD") &&
         request.value_of("Sec-Fetch-Mode") == "navigate" &&
         request.value_of("Sec-Fetch-Dest") == "document";
}

}  // namespace

RequestGuard::RequestGuard(const Address& bound, std::vector<std::string> own_names)
    : bound_(bound), own_names_(std::move(own_names)) {}

std::optional<std::string> RequestGuard::refusal(const IncomingRequest& request,
                                                 Asked asked) const {
  if (!names_us(request.host, request, asked))
    return "The Host field names another host than the one that xtrace was told to listen on; "
           "this keeps other sites' pages out.";
  if (const FieldView* origin = request.find("Origin")) {
    if (!same_word(origin->value, "http://" + std::string(request.host)))
      return "A page of another origin may not ask xtrace for anything.";
  }
  if (request.method == "OPTIONS")
    return "xtrace allows no other origin anything, so there is nothing to ask for beforehand.";
  const FieldView* const site = request.find("Sec-Fetch-Site");
  if (site == nullptr || site->value == "same-origin" || site->value == "none") return {};
  if (asked == Asked::page && is_navigation(request)) return {};
  return "A page of another site may lead to xtrace's page, and may not load anything of it.";
}

// On loopback nothing but loopback is meant. Elsewhere the address was asked for, and then any
// literal will do, as nobody's name server says what it means, at any port, which a container's
// host may have changed; names without dots, which no site has; and the machine's own. A program
// may call the API by any name: Kubernetes and Docker have names of theirs, and a browser would say
// where a POST comes from.
bool RequestGuard::names_us(std::string_view host, const IncomingRequest& request,
                            Asked asked) const {
  if (bound_.family() == Address::Family::local) return true;
  const std::optional<HostParts> parts = split(host);
  if (host.empty() || !parts) return false;
  const Expected<Address> literal = Address::from_ip(parts->name, bound_.port());
  const bool is_port_ours = parts->port == bound_.port() || is_any(bound_);
  if (literal && literal->is_loopback()) return is_port_ours;
  if (same_word(parts->name, "localhost")) return is_port_ours;
  if (bound_.is_loopback()) return false;
  const bool is_program = request.find("Origin") == nullptr;
  if (asked == Asked::api && request.method == "POST" && is_program) return true;
  if (literal) return is_any(bound_) || (is_port_ours && *literal == bound_);
  return is_port_ours && is_own_name(parts->name);
}

bool RequestGuard::is_own_name(std::string_view name) const {
  if (name.find('.') == std::string_view::npos) return true;
  return std::ranges::any_of(own_names_,
                             [name](const std::string& own) { return same_word(own, name); });
}

}  // namespace xtrace::collect
