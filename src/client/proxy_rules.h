#pragma once

/// `ProxyRules` chooses the proxy of a request: a `ProxyConfig`, understood.

#include <optional>

#include <xtrace/expected.h>
#include <xtrace/http.h>
#include <xtrace/proxy.h>

#include "client/proxy_bypass.h"

namespace xtrace {

/// A value; immutable, so that many threads may ask.
class ProxyRules {
 public:
  /// Errors: `invalid_config`, naming the variable and never what it holds of a password.
  static Expected<ProxyRules> make(const ProxyConfig& config);

  /// The proxy for `url`, or null where it is reached directly. Valid as long as the rules, and
  /// the same for every request that it is chosen for. Allocates nothing.
  const Proxy* choose(const Url& url) const;

 private:
  std::optional<Proxy> http_;
  std::optional<Proxy> https_;
  ProxyBypass bypass_;
  bool includes_loopback_ = false;
};

}  // namespace xtrace
