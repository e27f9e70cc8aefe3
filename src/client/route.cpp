#include "client/route.h"

#include <algorithm>
#include <utility>

namespace xtrace {

namespace {

bool is_wanted(AddressFamily wanted, const Address& address) {
  switch (wanted) {
    case AddressFamily::ipv4_only:
      return address.family() == Address::Family::ipv4;
    case AddressFamily::ipv6_only:
      return address.family() == Address::Family::ipv6;
    case AddressFamily::any:
      break;
  }
  return true;
}

Expected<Route> keep_wanted(AddressFamily wanted, Route route) {
  const std::string known = route.addresses.front().host();
  std::erase_if(route.addresses,
                [wanted](const Address& address) { return !is_wanted(wanted, address); });
  if (!route.addresses.empty()) return route;
  const std::string_view family = wanted == AddressFamily::ipv4_only ? "IPv4" : "IPv6";
  return Error{Error::Code::connect_unreachable, Phase::connect,
               "connect " + route.host + ": only " + std::string(family) + " is allowed and " +
                   known + " is not an " + std::string(family) + " address"};
}

void apply_connect_to(const std::vector<ConnectToOverride>& overrides, Route& route) {
  for (const ConnectToOverride& rule : overrides) {
    const bool host_matches =
        rule.from_host.empty() || equals_ignoring_case(rule.from_host, route.host);
    const bool port_matches = rule.from_port == 0 || rule.from_port == route.port;
    if (!host_matches || !port_matches) continue;
    if (!rule.to_host.empty()) route.host = rule.to_host;
    if (rule.to_port != 0) route.port = rule.to_port;
    return;
  }
}

const ResolveOverride* find_resolve(const std::vector<ResolveOverride>& overrides,
                                    const Route& route) {
  const auto found =
      std::find_if(overrides.begin(), overrides.end(), [&route](const ResolveOverride& rule) {
        return rule.port == route.port &&
               (rule.host == "*" || equals_ignoring_case(rule.host, route.host));
      });
  return found == overrides.end() ? nullptr : &*found;
}

Expected<Route> fill_in_addresses(const ClientConfig& config, Route route) {
  if (const ResolveOverride* rule = find_resolve(config.resolve, route)) {
    for (const Address& address : rule->addresses) {
      route.addresses.push_back(address.with_port(route.port));
    }
    return keep_wanted(config.family, std::move(route));
  }
  if (const Expected<Address> literal = Address::from_ip(route.host, route.port)) {
    route.addresses.push_back(*literal);
    return keep_wanted(config.family, std::move(route));
  }
  return route;
}

}  // namespace

Expected<Route> plan_route(const ClientConfig& config, const Url& url) {
  Route route{.addresses = {}, .host = url.host(), .port = url.port()};
  if (!config.unix_socket.empty()) {
    Expected<Address> path = Address::from_path(config.unix_socket);
    if (const Error* error = path.if_error()) return *error;
    route.addresses.push_back(*path);
    return route;
  }
  apply_connect_to(config.connect_to, route);
  return fill_in_addresses(config, std::move(route));
}

Expected<Route> plan_proxy_route(const ClientConfig& config, const Proxy& proxy) {
  return fill_in_addresses(config, {.addresses = {}, .host = proxy.host, .port = proxy.port});
}

}  // namespace xtrace
