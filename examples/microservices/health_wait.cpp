#include "microservices/health_wait.h"

#include <utility>

#include "cli/units.h"
#include "stage/daemon_log.h"

namespace xtrace::examples {

namespace {

constexpr Duration kPause = std::chrono::milliseconds(100);

}  // namespace

Expected<FinalizedClientConfig> settings_of_health_checks() {
  ClientConfig settings;
  settings.name = "health";
  settings.timeouts.total = std::chrono::seconds(2);
  settings.redirects.are_followed = false;
  return finalize_config(std::move(settings));
}

HealthWait::HealthWait(Loop& loop, const FinalizedClientConfig& config, Url peer, Duration patience,
                       Callback<void(Expected<void>)> on_over)
    : client_(loop, config),
      health_(std::move(peer)),
      patience_(patience),
      deadline_(tick_after(patience)),
      on_over_(std::move(on_over)),
      pause_(loop) {
  check();
}

HealthWait::~HealthWait() = default;

void HealthWait::check() {
  Request request(health_);
  // Nobody wants to read ten traces a second of somebody waiting.
  request.headers = {{"X-Amzn-Trace-Id", "Sampled=0"}};
  call_ =
      client_.start(std::move(request), {}, [this](const Exchange& exchange) { judge(exchange); });
}

void HealthWait::judge(const Exchange& exchange) {
  if (!exchange.error && exchange.response->status == 200) {
    auto on_over = std::move(on_over_);
    return on_over({});
  }
  const std::string reason = exchange.error
                                 ? exchange.error->message
                                 : "it answered " + std::to_string(exchange.response->status);
  if (tick_now() + kPause > deadline_) return give_up(reason);
  if (!std::exchange(has_complained_, true)) {
    log_info(health_.redacted() + " does not say OK yet: " + reason);
  }
  pause_.arm(kPause, [this] { check(); });
}

void HealthWait::give_up(const std::string& reason) {
  auto on_over = std::move(on_over_);
  on_over(Error{Error::Code::connect_timeout, Phase::connect,
                health_.redacted() + " did not say OK within " + cli::format_brief(patience_) +
                    ": " + reason});
}

}  // namespace xtrace::examples
