#pragma once

/// Central sampling without the network: the rules and targets of the X-Ray service, what is asked
/// and answered in JSON, and the decision. Who polls is above (instrument/central_sampler.h).

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/clock.h>
#include <xtrace/expected.h>
#include <xtrace/sampler.h>

#include "xray/published.h"

namespace xtrace {

struct CentralRule {
  RuleName name{};
  std::uint32_t priority = 10000;  ///< Lower is asked first.
  double fixed_rate = 0;
  std::uint64_t reservoir_size = 0;  ///< Per second, of all processes together.
  std::string service_name = "*";
  std::string service_type = "*";
  std::string host = "*";
  std::string http_method = "*";
  std::string url_path = "*";

  /// The rule that takes what no other one does.
  bool is_default() const { return name.text() == "Default"; }

  friend bool operator==(const CentralRule&, const CentralRule&) = default;
};

/// The answer to GetSamplingRules, or a page of it.
struct RulesReply {
  std::vector<CentralRule> rules{};
  std::vector<std::string> ignored{};  ///< A sentence for each rule that cannot be used.
  std::string next_token{};            ///< Asks for the next page; empty on the last.
};

/// Takes what the service and its imitators say: a rule that this client does not know how to
/// apply is ignored, a reply that is none of rules is an `invalid_reply`.
Expected<RulesReply> parse_rules_reply(std::string_view json);

/// The body of GetSamplingRules.
std::string write_rules_request(std::string_view next_token);

/// What a rule did since it was reported last. `requests` counts all that matched, `sampled` those
/// by quota and rate, `borrowed` those on credit.
struct SamplingStatistics {
  RuleName rule{};
  std::uint64_t requests = 0;
  std::uint64_t sampled = 0;
  std::uint64_t borrowed = 0;

  friend bool operator==(const SamplingStatistics&, const SamplingStatistics&) = default;
};

/// The body of SamplingTargets.
std::string write_targets_request(std::span<const SamplingStatistics> statistics,
                                  std::string_view client_id, WallTime now);

/// What the service tells one rule to do from now on. Nothing leaves things as they are.
struct SamplingTarget {
  RuleName rule{};
  double fixed_rate = 0;
  std::optional<std::uint64_t> quota{};  ///< Requests per second for this process; 0 is a quota.
  std::optional<WallTime> quota_until{};
  std::optional<Duration> interval{};  ///< Until the rule is to be reported again.
};

/// Statistics that the service did not take.
struct UnprocessedStatistics {
  RuleName rule{};
  std::string code{};  ///< `4xx...`: ours was the fault. `5xx...`: try again.
  std::string message{};

  /// Whether the same statistics may be taken next time (`CentralRules::give_back`).
  bool is_worth_repeating() const { return code.starts_with('5'); }
};

/// The answer to SamplingTargets.
struct TargetsReply {
  std::vector<SamplingTarget> targets{};
  std::optional<WallTime> last_modified{};  ///< When somebody changed the rules.
  std::vector<UnprocessedStatistics> unprocessed{};
  std::vector<std::string> ignored{};  ///< A sentence for each target that makes no sense.
};

/// Fails with `invalid_reply` where the reply is none of targets.
Expected<TargetsReply> parse_targets_reply(std::string_view json);

/// 24 hex digits by which the service knows a process and what it assigned to it. Make one for each
/// `CentralRules`, and another in a child after `fork`.
std::string make_client_id();

/// The rules in force and what they have done. `decide` may be called from any thread, takes no
/// lock and allocates nothing; the other functions belong to who polls, and may be called from any
/// thread too.
class CentralRules {
 public:
  /// At most so many statistics go into one request.
  static constexpr std::size_t kMostStatistics = 25;

  /// `clock` is the machine's where empty.
  explicit CentralRules(Clock clock = {});
  CentralRules(const CentralRules&) = delete;
  CentralRules& operator=(const CentralRules&) = delete;
  ~CentralRules();

  /// By the first rule that matches. Nothing where there are no rules, where none matches, and
  /// where they were fetched more than an hour ago.
  std::optional<SamplingDecision> decide(const SamplingRequest& request);
  /// There are rules, fetched within the last hour.
  bool is_fresh() const;

  /// These are the rules from now on, in whatever order. A rule that was there before, by its name,
  /// keeps its statistics, its quota and the rate of its last target, unless its own rate was
  /// changed.
  void replace(std::vector<CentralRule> rules);

  /// The statistics of rules that have any and whose interval has passed (10 seconds where the
  /// service told none), those first that waited longest. They begin again from zero.
  std::vector<SamplingStatistics> take_due();
  /// The service did not get them: they are counted again, and due at once.
  void give_back(std::span<const SamplingStatistics> statistics);
  /// True where the rules are to be fetched again: they were changed, or the service does not know
  /// what we spoke of. Stays true until they are replaced.
  bool apply(const TargetsReply& reply);

 private:
  struct State;
  struct Rule;
  using Rules = std::vector<Rule>;
  using States = std::map<std::string, std::shared_ptr<State>, std::less<>>;  // by name

  TimePoint look_at_clock() const { return clock_ ? clock_() : now(); }
  bool is_fresh_at(Tick tick) const;
  State* find_state(const RuleName& name) const;
  bool is_in_force(const Rules& rules) const;
  bool was_modified(WallTime modified) const;

  const Clock clock_;
  Published<Rules> rules_;
  std::atomic<Tick::rep> fetched_at_{0};  // a tick, meaningful once there are rules

  std::mutex writers_;  // guards what is below, and publishing
  States states_;
  WallTime fetched_wall_{};
  std::optional<WallTime> last_modified_{};  // as the service told last
  bool must_fetch_ = false;
};

}  // namespace xtrace
