#include <array>
#include <cstdlib>
#include <string>
#include <utility>

#include <xtrace/client.h>

#include "client/proxy_rules.h"

namespace xtrace {

namespace {

Error invalid(std::string what) {
  return {Error::Code::invalid_config, Phase::none, std::move(what)};
}

Expected<void> check_timeouts(const Timeouts& timeouts) {
  const auto all = std::to_array<std::pair<std::string_view, Duration>>(
      {{"total", timeouts.total},
       {"wait", timeouts.wait},
       {"connect", timeouts.connect},
       {"dns", timeouts.dns},
       {"dial", timeouts.dial},
       {"proxy", timeouts.proxy},
       {"tls", timeouts.tls},
       {"response", timeouts.response},
       {"idle", timeouts.idle},
       {"expect_continue", timeouts.expect_continue}});
  for (const auto& [name, value] : all) {
    if (value < Duration::zero()) return invalid("timeouts." + std::string(name) + " is negative");
  }
  return {};
}

Expected<void> check_connections(const ClientConfig& config) {
  if (config.pool.idle_timeout < Duration::zero()) return invalid("pool.idle_timeout is negative");
  if (config.pool.lifetime < Duration::zero()) return invalid("pool.lifetime is negative");
  if (config.keep_alive_probes < Duration::zero()) return invalid("keep_alive_probes is negative");
  if (config.redirects.limit < 0) return invalid("redirects.limit is negative");
  if (config.name.empty()) return invalid("name is empty");
  return {};
}

ProxyConfig proxies_of(const ClientConfig& config) {
  if (config.proxy) return *config.proxy;
  return ProxyConfig::from_environment([](const char* name) { return std::getenv(name); });
}

Expected<void> check_route(const ClientConfig& config) {
  if (!config.unix_socket.empty()) {
    const Expected<Address> path = Address::from_path(config.unix_socket);
    if (const Error* error = path.if_error()) return error->with_prefix("unix_socket");
  }
  for (const ResolveOverride& rule : config.resolve) {
    if (rule.host.empty() || rule.port == 0 || rule.addresses.empty()) {
      return invalid("a resolve override needs a host, a port and at least one address");
    }
  }
  return {};
}

// The field goes into the head as it is.
bool is_field_value(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

}  // namespace

Expected<FinalizedClientConfig> finalize_config(ClientConfig config) {
  if (const Expected<void> checked = check_timeouts(config.timeouts); !checked)
    return checked.error();
  if (const Expected<void> checked = check_route(config); !checked) return checked.error();
  if (const Expected<void> checked = check_connections(config); !checked) return checked.error();
  if (config.happy_eyeballs_delay < std::chrono::milliseconds(10)) {
    return invalid("happy_eyeballs_delay is under 10 ms, the least RFC 8305 section 8 allows");
  }
  if (config.max_head_bytes < 1024) return invalid("max_head_bytes is under 1024");
  if (!is_field_value(config.user_agent)) return invalid("user_agent holds a line break or a NUL");
  const bool has_key_without_certificate =
      !config.tls.key_file.empty() && config.tls.certificate_file.empty();
  if (has_key_without_certificate)
    return invalid("tls.key_file is set but tls.certificate_file is not");
  auto proxies = ProxyRules::make(proxies_of(config));
  if (const Error* error = proxies.if_error()) return *error;
  return FinalizedClientConfig(std::move(config),
                               std::make_shared<const ProxyRules>(std::move(proxies).value()));
}

}  // namespace xtrace
