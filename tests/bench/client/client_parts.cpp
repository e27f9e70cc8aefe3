#include "client_parts.h"

#include <chrono>
#include <utility>

#include <xtrace/sampler.h>

#include "measure.h"

namespace xtrace::bench {

Url parse(const std::string& text) {
  auto url = Url::parse(text);
  require(url.has_value(), "parse the URL");
  return std::move(*url);
}

FinalizedClientConfig make_config(std::size_t connections, const std::string& ca_file) {
  ClientConfig config;
  config.proxy.emplace();
  config.pool.idle = connections;
  config.pool.idle_per_host = connections;
  config.pool.idle_timeout = std::chrono::hours(1);
  config.tls.ca_file = ca_file;
  auto finalized = finalize_config(std::move(config));
  require(finalized.has_value(), "finalize_config");
  return std::move(*finalized);
}

std::unique_ptr<Tracer> make_tracer(std::shared_ptr<Emitter> emitter, double sampled) {
  TracerConfig config;
  config.name = "shop";
  config.emitter = std::move(emitter);
  config.sampler = std::make_shared<RateSampler>(sampled);
  const auto finalized =
      finalize_config(std::move(config), [](const char*) -> const char* { return nullptr; });
  require(finalized.has_value(), "finalize_config");
  return std::make_unique<Tracer>(*finalized);
}

}  // namespace xtrace::bench
