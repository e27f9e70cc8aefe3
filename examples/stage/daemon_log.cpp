#include "stage/daemon_log.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

namespace xtrace::examples {

namespace {

void log(const char* level, std::string_view message) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now().wall);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> time{};
  std::strftime(time.data(), time.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  std::fprintf(stderr, "%s [%s] %.*s\n", time.data(), level, static_cast<int>(message.size()),
               message.data());
}

}  // namespace

void log_info(std::string_view message) {
  log("INFO", message);
}

Expected<DaemonAddress> find_daemon() {
  const char* address = std::getenv("AWS_XRAY_DAEMON_ADDRESS");
  auto daemon = parse_daemon_address(address == nullptr ? "" : address);
  if (const auto* error = daemon.if_error()) return error->with_prefix("AWS_XRAY_DAEMON_ADDRESS");
  return daemon;
}

std::shared_ptr<CentralSampler> fetch_sampling_rules(Loop& loop, const DaemonEndpoint& daemon) {
  constexpr Duration kPatience = std::chrono::milliseconds(500);
  log_info("X-Ray proxy using address : " + daemon.to_string());
  std::shared_ptr<CentralSampler> sampler = make_central_sampler(loop, {.daemon = daemon});
  loop.run_until(
      [&sampler] {
        const CentralSamplerStats stats = sampler->stats();
        return stats.is_fresh || stats.failures > 0;
      },
      kPatience);
  const CentralSamplerStats stats = sampler->stats();
  if (stats.is_fresh) {
    log_info("Successfully fetched sampling rules");
    return sampler;
  }
  log("ERROR", "Error occurred while refreshing sampling rules. " +
                   (stats.last_error ? stats.last_error->message
                                     : daemon.to_string() + " gave no answer within 500 ms"));
  log_info("Using fallback sampling");
  return sampler;
}

}  // namespace xtrace::examples
