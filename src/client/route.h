#pragma once

/// Where a request goes: the addresses to dial, or the name to look up, after every override of the
/// configuration.

#include <cstdint>
#include <string>
#include <vector>

#include <xtrace/client.h>
#include <xtrace/expected.h>
#include <xtrace/http.h>

namespace xtrace {

struct Route {
  std::vector<Address> addresses;  ///< Empty where `host` must be looked up.
  std::string host;
  std::uint16_t port = 0;
};

/// Unix socket first, then connect-to, then resolve overrides, then IP literals. Errors:
/// `connect_unreachable` where the family asked for excludes every address that is known.
Expected<Route> plan_route(const ClientConfig& config, const Url& url);

/// The way to a proxy: resolve overrides, then IP literals. Errors as above.
Expected<Route> plan_proxy_route(const ClientConfig& config, const Proxy& proxy);

}  // namespace xtrace
