#include <algorithm>
#include <array>
#include <optional>

#include <xtrace/proxy.h>

#include "base/ascii.h"

namespace xtrace {

namespace {

struct Scheme {
  std::string_view name;
  Proxy::Kind kind;
  std::uint16_t port;
};

constexpr std::array<Scheme, 4> kSchemes{{
    {"http", Proxy::Kind::http, 80},
    {"https", Proxy::Kind::https, 443},
    {"socks5", Proxy::Kind::socks5, 1080},
    {"socks5h", Proxy::Kind::socks5h, 1080},
}};

Error invalid_proxy(std::string message) {
  return {Error::Code::invalid_config, Phase::none, std::move(message)};
}

bool is_scheme_character(char c) {
  return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
}

// Takes the scheme off `text`. What stands before the `://` and cannot be a scheme may be a part of
// a password, and is left for the URL's parser, whose messages hold none.
Expected<Scheme> take_scheme(std::string_view& text) {
  const std::size_t end = text.find("://");
  const std::string_view name = text.substr(0, end);
  const bool has_scheme =
      end != std::string_view::npos && std::ranges::all_of(name, is_scheme_character);
  if (!has_scheme) return kSchemes.front();
  const auto* scheme = std::ranges::find_if(
      kSchemes, [name](const Scheme& known) { return same_word(known.name, name); });
  if (scheme == kSchemes.end()) {
    return invalid_proxy("the proxy's scheme \"" + std::string(name) +
                         "\" is none of http, https, socks5 and socks5h");
  }
  text.remove_prefix(end + 3);
  return *scheme;
}

// Only a port that is given is the same for both schemes.
std::optional<std::uint16_t> given_port(const Url& http, std::string_view rest) {
  const Expected<Url> https = Url::parse("https://" + std::string(rest));
  if (!https || https->port() != http.port()) return std::nullopt;
  return http.port();
}

std::string take_variable(const std::function<const char*(const char*)>& read, const char* name) {
  const char* value = read(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string take_first(const std::function<const char*(const char*)>& read, const char* upper,
                       const char* lower) {
  std::string value = take_variable(read, upper);
  return value.empty() ? take_variable(read, lower) : value;
}

}  // namespace

ProxyConfig ProxyConfig::from_environment(const std::function<const char*(const char*)>& read) {
  const bool is_cgi = !take_variable(read, "REQUEST_METHOD").empty();
  ProxyConfig config;
  config.http =
      is_cgi ? take_variable(read, "http_proxy") : take_first(read, "HTTP_PROXY", "http_proxy");
  config.https = take_first(read, "HTTPS_PROXY", "https_proxy");
  config.fallback = take_first(read, "ALL_PROXY", "all_proxy");
  config.no_proxy = take_first(read, "NO_PROXY", "no_proxy");
  return config;
}

Expected<Proxy> Proxy::parse(std::string_view text) {
  const Expected<Scheme> scheme = take_scheme(text);
  if (const Error* error = scheme.if_error()) return *error;
  // A URL ends its host there, and takes the rest of the password for a path.
  const std::size_t at = text.rfind('@');
  if (at != std::string_view::npos && text.find_first_of("/?#") < at) {
    return invalid_proxy(
        "the proxy has a /, ? or # before its @: in a user name or password they are written %2F, "
        "%3F and %23");
  }
  Expected<Url> url = Url::parse("http://" + std::string(text));
  if (const Error* error = url.if_error()) {
    return invalid_proxy("the proxy is neither a URL nor host:port: " + error->message);
  }
  Proxy proxy{.kind = scheme->kind,
              .host = url->host(),
              .port = given_port(*url, text).value_or(scheme->port)};
  if (url->userinfo()) {
    proxy.user = url->userinfo()->first;
    proxy.password = url->userinfo()->second;
  }
  return proxy;
}

std::string Proxy::redacted() const {
  const auto* scheme = std::ranges::find(kSchemes, kind, &Scheme::kind);
  return std::string(scheme->name) + "://" + host_port();
}

std::string Proxy::host_port() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace xtrace
