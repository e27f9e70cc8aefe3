#pragma once

/// `HealthWait` waits for a service that may not have been started yet: it asks for `/health` at
/// once and then every 100 ms, until the answer is 200 or the time is over. The log hears of the
/// first check that fails. Destroying it gives up.

#include <chrono>
#include <optional>
#include <string>

#include <xtrace/callback.h>
#include <xtrace/client.h>
#include <xtrace/expected.h>
#include <xtrace/loop.h>

#include "loop/timer.h"

namespace xtrace::examples {

class HealthWait {
 public:
  /// `on_over` runs once, and may destroy this: with the error of the last check and how long it
  /// was waited for, or without one. `peer` is what the service listens on.
  HealthWait(Loop& loop, const FinalizedClientConfig& config, Url peer, Duration patience,
             Callback<void(Expected<void>)> on_over);
  HealthWait(const HealthWait&) = delete;
  HealthWait& operator=(const HealthWait&) = delete;
  ~HealthWait();

 private:
  void check();
  void judge(const Exchange& exchange);
  void give_up(const std::string& reason);

  Client client_;
  Url health_;
  Duration patience_;
  Tick deadline_;
  bool has_complained_ = false;  // once is enough
  Callback<void(Expected<void>)> on_over_;
  Call call_;
  Timer pause_;
};

/// One check may take so long.
Expected<FinalizedClientConfig> settings_of_health_checks();

}  // namespace xtrace::examples
