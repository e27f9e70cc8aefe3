#include "client/proxy_rules.h"

#include <utility>

#include <xtrace/address.h>

namespace xtrace {

namespace {

Expected<std::optional<Proxy>> parse_proxy(const std::string& text, std::string_view named) {
  if (text.empty()) return std::optional<Proxy>();
  Expected<Proxy> proxy = Proxy::parse(text);
  if (const Error* error = proxy.if_error()) return error->with_prefix(named);
  return std::optional<Proxy>(std::move(proxy).value());
}

// The fallback is not looked at where it is not needed: desktops fill it with schemes of their own.
Expected<std::optional<Proxy>> parse_either(const std::string& text, std::string_view named,
                                            const std::string& fallback) {
  if (!text.empty()) return parse_proxy(text, named);
  return parse_proxy(fallback, "the proxy for all URLs (ALL_PROXY)");
}

bool is_loopback(const Url& url) {
  if (!url.host_is_ip()) return url.host() == "localhost";
  const std::string_view host = url.host();
  const Expected<Address> address = Address::from_ip(host.substr(0, host.find('%')), 0);
  return address && address->is_loopback();
}

}  // namespace

Expected<ProxyRules> ProxyRules::make(const ProxyConfig& config) {
  auto http = parse_either(config.http, "the proxy for http URLs (HTTP_PROXY)", config.fallback);
  if (const Error* error = http.if_error()) return *error;
  auto https =
      parse_either(config.https, "the proxy for https URLs (HTTPS_PROXY)", config.fallback);
  if (const Error* error = https.if_error()) return *error;
  ProxyRules rules;
  rules.http_ = std::move(http).value();
  rules.https_ = std::move(https).value();
  rules.bypass_ = ProxyBypass::parse(config.no_proxy);
  rules.includes_loopback_ = config.includes_loopback;
  return rules;
}

const Proxy* ProxyRules::choose(const Url& url) const {
  const std::optional<Proxy>& proxy = url.is_https() ? https_ : http_;
  if (!proxy) return nullptr;
  if (!includes_loopback_ && is_loopback(url)) return nullptr;
  return bypass_.has(url) ? nullptr : &*proxy;
}

}  // namespace xtrace
