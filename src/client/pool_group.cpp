#include "client/pool_group.h"

#include "http/base64.h"

namespace xtrace {

namespace {

std::string basic_authorization(const Proxy& proxy) {
  if (proxy.user.empty() && proxy.password.empty()) return {};
  return "Basic " + to_base64(proxy.user + ":" + proxy.password);
}

}  // namespace

PoolKey pool_key(const Url& url, const Proxy* proxy) {
  const bool is_socks = proxy != nullptr &&
                        (proxy->kind == Proxy::Kind::socks5 || proxy->kind == Proxy::Kind::socks5h);
  const bool is_shared = proxy != nullptr && !is_socks && !url.is_https();
  if (is_shared) return {.host = {}, .port = 0, .is_https = false, .proxy = proxy};
  return {.host = url.host(), .port = url.port(), .is_https = url.is_https(), .proxy = proxy};
}

PoolGroup::PoolGroup(const PoolKey& of, AddressBook& its_book)
    : host(of.host),
      key{host, of.port, of.is_https, of.proxy},
      proxy_authorization(is_shared_proxy() ? basic_authorization(*of.proxy) : std::string()),
      book(its_book) {}

std::string address_of(const PoolKey& key) {
  std::string address = key.proxy == nullptr ? std::string() : key.proxy->host_port();
  if (key.host.empty()) return "proxy " + address;
  if (!address.empty()) address = "proxy " + address + " > ";
  const bool needs_brackets = key.host.find(':') != std::string_view::npos;
  address += needs_brackets ? "[" + std::string(key.host) + "]" : std::string(key.host);
  return address + ":" + std::to_string(key.port);
}

}  // namespace xtrace
