#pragma once

/// Which proxy a request takes: the rules of the environment variables, as Go reads them.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <xtrace/expected.h>
#include <xtrace/http.h>

namespace xtrace {

/// Proxies by the scheme of the request. A value is a URL or `host[:port]` (then http); its scheme
/// is `http` (port 80 unless it says so), `https` (443), `socks5` (1080; names are looked up here),
/// or `socks5h` (the same; the proxy looks them up); userinfo is sent to the proxy, Basic or by
/// SOCKS' own way. Empty means none.
struct ProxyConfig {
  std::string http{};      ///< For http URLs.
  std::string https{};     ///< For https URLs; http's does not stand in.
  std::string fallback{};  ///< For what the two above leave (`ALL_PROXY`).
  /// Who is reached directly: comma separated; `*` all; an IP address or CIDR block; a name, itself
  /// and its subdomains; `.name` or `*.name`, subdomains only; each with `:port` or without. Names
  /// are in ASCII, as in a URL; an entry that is none of these is passed over.
  /// localhost and loopback addresses always are, unless `includes_loopback`.
  std::string no_proxy{};
  /// Also localhost: what a person asks for by name (`-x`) is what they get.
  bool includes_loopback = false;

  /// `HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY`, each in upper case first, then in lower. In a CGI
  /// program (`REQUEST_METHOD` is set) `HTTP_PROXY` is a header of a stranger's and is not taken;
  /// `http_proxy` is. `read` returns null for a variable that is not set; empty is the same.
  static ProxyConfig from_environment(const std::function<const char*(const char*)>& read);
};

/// One proxy, understood.
struct Proxy {
  enum class Kind : std::uint8_t { http, https, socks5, socks5h };

  Kind kind = Kind::http;
  std::string host{};
  std::uint16_t port = 0;
  std::string user{};  ///< Empty for none.
  std::string password{};

  /// As in `ProxyConfig`; a path behind the port means nothing. Errors: `invalid_config`, which
  /// never repeats a password.
  static Expected<Proxy> parse(std::string_view text);
  /// `scheme://host:port`, no userinfo.
  std::string redacted() const;
  std::string host_port() const;

  friend bool operator==(const Proxy&, const Proxy&) = default;
};

}  // namespace xtrace
