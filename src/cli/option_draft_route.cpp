#include <charconv>
#include <limits>

#include <xtrace/proxy.h>

#include "cli/choice.h"
#include "cli/option_steps.h"

namespace xtrace::cli {

namespace {

constexpr std::array<Word<TlsVersion>, 4> kTlsVersions = {{{"1.0", TlsVersion::tls1_0},
                                                           {"1.1", TlsVersion::tls1_1},
                                                           {"1.2", TlsVersion::tls1_2},
                                                           {"1.3", TlsVersion::tls1_3}}};

Expected<void> set_proxy(GetOptions& options, const std::string& value) {
  if (!value.empty()) {
    if (auto proxy = Proxy::parse(value); !proxy) return std::move(proxy).error();
  }
  options.proxy = value;
  return {};
}

/// `-1` is no limit, as in curl.
Expected<int> parse_redirect_limit(std::string_view text) {
  int limit = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (failure != std::errc{} || end != text.data() + text.size() || limit < -1) {
    return bad_option("\"" + std::string(text) +
                      "\" is not a number from 0 on, or -1 for no limit");
  }
  return limit < 0 ? std::numeric_limits<int>::max() : limit;
}

Duration* limit_of(Timeouts& timeouts, OptionId id) {
  switch (id) {
    case OptionId::max_time:
      return &timeouts.total;
    case OptionId::connect_timeout:
      return &timeouts.connect;
    case OptionId::dns_timeout:
      return &timeouts.dns;
    case OptionId::dial_timeout:
      return &timeouts.dial;
    case OptionId::proxy_timeout:
      return &timeouts.proxy;
    case OptionId::tls_timeout:
      return &timeouts.tls;
    case OptionId::response_timeout:
      return &timeouts.response;
    case OptionId::idle_timeout:
      return &timeouts.idle;
    default:
      return &timeouts.expect_continue;
  }
}

Expected<void> apply_tls_file(ClientConfig& client, OptionId id, const std::string& value) {
  if (value.empty()) return bad_option("the value is empty");
  switch (id) {
    case OptionId::cacert:
      client.tls.ca_file = value;
      break;
    case OptionId::cert:
      client.tls.certificate_file = value;
      break;
    case OptionId::key:
      client.tls.key_file = value;
      break;
    default:
      client.sni = value;
      break;
  }
  return {};
}

}  // namespace

Expected<void> apply_route(OptionDraft& draft, OptionId id, const std::string& value) {
  ClientConfig& client = draft.options.client;
  switch (id) {
    case OptionId::ipv4:
      draft.has_ipv4 = true;
      client.family = AddressFamily::ipv4_only;
      return {};
    case OptionId::ipv6:
      draft.has_ipv6 = true;
      client.family = AddressFamily::ipv6_only;
      return {};
    case OptionId::resolve:
      return append(client.resolve, parse_resolve(value));
    case OptionId::connect_to:
      return append(client.connect_to, parse_connect_to(value));
    case OptionId::proxy:
      return set_proxy(draft.options, value);
    case OptionId::noproxy:
      draft.options.no_proxy = value;
      return {};
    case OptionId::keepalive_time:
      return assign(client.keep_alive_probes, parse_duration(value));
    default: {
      if (auto path = Address::from_path(value); !path) return std::move(path).error();
      client.unix_socket = value;
      return {};
    }
  }
}

Expected<void> apply_tls(OptionDraft& draft, OptionId id, const std::string& value) {
  TlsConfig& tls = draft.options.client.tls;
  switch (id) {
    case OptionId::insecure:
      tls.accept_any_certificate = true;
      return {};
    case OptionId::tls_1_0:
      draft.oldest_tls = TlsVersion::tls1_0;
      return {};
    case OptionId::tls_1_1:
      draft.oldest_tls = TlsVersion::tls1_1;
      return {};
    case OptionId::tls_1_2:
      draft.oldest_tls = TlsVersion::tls1_2;
      return {};
    case OptionId::tls_1_3:
      draft.oldest_tls = TlsVersion::tls1_3;
      return {};
    case OptionId::tls_max:
      return assign(draft.newest_tls, choose(kTlsVersions, value));
    case OptionId::no_alpn:
      tls.alpn.clear();
      return {};
    case OptionId::no_sessionid:
      tls.resumes_sessions = false;
      return {};
    default:
      return apply_tls_file(draft.options.client, id, value);
  }
}

Expected<void> apply_limit(OptionDraft& draft, OptionId id, const std::string& value) {
  ClientConfig& client = draft.options.client;
  if (id == OptionId::location) {
    client.redirects.are_followed = true;
    return {};
  }
  if (id == OptionId::max_redirs) {
    return assign(client.redirects.limit, parse_redirect_limit(value));
  }
  return assign(*limit_of(client.timeouts, id), parse_duration(value));
}

}  // namespace xtrace::cli
