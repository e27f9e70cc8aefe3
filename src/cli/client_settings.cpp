#include "cli/client_settings.h"

#include <utility>

#include "cli/plan_settings.h"

namespace xtrace::cli {

ProxyConfig choose_proxies(const GetOptions& options, const Environment& environment) {
  ProxyConfig proxies;
  if (options.proxy) {
    proxies.http = proxies.https = *options.proxy;
    proxies.includes_loopback = true;
  } else {
    proxies = ProxyConfig::from_environment(environment);
  }
  if (options.no_proxy) proxies.no_proxy = *options.no_proxy;
  return proxies;
}

Expected<FinalizedClientConfig> settle_client(const GetOptions& options,
                                              const Environment& environment) {
  ClientConfig config = fit_client(options);
  config.proxy = choose_proxies(options, environment);
  if (const char* file = environment("SSLKEYLOGFILE")) config.tls.key_log_file = file;
  return finalize_config(std::move(config));
}

}  // namespace xtrace::cli
