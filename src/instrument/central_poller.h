#pragma once

/// `CentralPoller` is the half of a `CentralSampler` that lives on a loop: it fetches rules,
/// reports statistics and hands what the service says to `CentralRules`.

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <xtrace/central_sampler.h>
#include <xtrace/clock.h>
#include <xtrace/expected.h>
#include <xtrace/loop.h>

#include "base/fork.h"
#include "instrument/backoff.h"
#include "instrument/daemon_proxy.h"
#include "loop/timer.h"
#include "xray/central_rules.h"

namespace xtrace {

/// What became of the polls. From any thread.
class PollRecord {
 public:
  explicit PollRecord(Clock clock) : clock_(std::move(clock)) {}

  TimePoint look_at_clock() const { return clock_ ? clock_() : now(); }
  void on_success();
  void on_failure(const Error& error);
  void on_rules(std::size_t count, std::vector<std::string> ignored);
  void on_unprocessed(const UnprocessedStatistics& statistics);
  CentralSamplerStats read() const;

 private:
  const Clock clock_;
  mutable std::mutex mutex_;
  CentralSamplerStats stats_;
  std::optional<Tick> fetched_;
};

class CentralPoller {
 public:
  /// Begins at once. All that it is given outlives it.
  CentralPoller(Loop& loop, const CentralSamplerConfig& config, CentralRules& rules,
                PollRecord& record);
  CentralPoller(const CentralPoller&) = delete;
  CentralPoller& operator=(const CentralPoller&) = delete;
  ~CentralPoller();

 private:
  void poll_rules();
  void ask_for_rules(std::string_view next_token);
  Expected<void> on_rules(const Expected<std::string>& reply);
  void use_rules();
  void retry_rules(const Error& error);

  void poll_targets();
  void report_next();
  void on_targets(const Expected<std::string>& reply);
  void apply(const TargetsReply& reply);
  void retry_targets(const Error& error);
  void wait_for_targets(Duration delay);
  bool is_in_other_process() const { return generation_ != fork_generation(); }

  const CentralSamplerConfig& config_;
  CentralRules& rules_;
  PollRecord& record_;
  const std::uint32_t generation_ = fork_generation();
  const std::string client_id_ = make_client_id();

  Timer rules_timer_;
  Timer targets_timer_;
  Backoff rules_backoff_;
  Backoff targets_backoff_;
  RulesReply pages_;  // as far as they have come
  std::size_t page_count_ = 0;
  bool is_fetching_ = false;
  bool is_retrying_ = false;                  // the last fetch failed
  std::vector<SamplingStatistics> reported_;  // not acknowledged yet
  DaemonProxy daemon_;
};

}  // namespace xtrace
