#pragma once

/// `SamplingDesk` hands out sampling rules and quotas as the X-Ray service does: GetSamplingRules
/// and GetSamplingTargets.
///
/// A rule's reservoir is split over the processes that use it: those that reported it within the
/// last minute, which is as long as a quota is good for, so that what is handed out never exceeds
/// the reservoir for longer than a reporting interval. A file of rules is read again when it
/// changes, which is looked at when somebody asks; where it is broken then, the rules that were
/// good last stay.

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/clock.h>
#include <xtrace/expected.h>

#include "base/json_writer.h"
#include "collect/api_body.h"
#include "collect/api_reply.h"
#include "collect/sampling_file.h"

namespace xtrace::collect {

class SamplingDesk {
 public:
  /// A request to GetSamplingTargets has no more statistics than these.
  static constexpr std::size_t kMostStatistics = 25;
  /// Processes that are told apart, of one rule; past these the one that was silent longest goes.
  static constexpr std::size_t kMostClients = 1000;
  static constexpr std::chrono::seconds kQuotaLife{60};
  /// Until a rule is to be reported again.
  static constexpr std::chrono::seconds kInterval{10};

  /// An empty path: everything is sampled. `clock` is the machine's where empty. Fails as
  /// `read_sampling_rules`.
  static Expected<std::unique_ptr<SamplingDesk>> make(std::string path, Clock clock);
  SamplingDesk(const SamplingDesk&) = delete;
  SamplingDesk& operator=(const SamplingDesk&) = delete;
  ~SamplingDesk() = default;

  ApiReply answer_rules(ApiBody& body);
  ApiReply answer_targets(ApiBody& body);

  /// Processes that reported within the last minute.
  std::size_t clients() const;
  /// Why the file could not be read again; empty where it could.
  const std::string& fault() const { return fault_; }

 private:
  /// What tells one state of a file from the next.
  struct Stamp {
    std::int64_t seconds = 0;
    std::int64_t nanoseconds = 0;
    std::uint64_t size = 0;
    std::uint64_t node = 0;

    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  struct Client {
    std::string id{};
    WallTime reported{};
  };
  struct Report {
    std::string rule{};
    std::string client{};
  };

  SamplingDesk(std::string path, Clock clock);
  WallTime look_at_clock() const { return clock_ ? clock_().wall : now().wall; }
  std::optional<Stamp> stamp_of_file() const;
  void read_again_if_changed();
  const SamplingRule* find(std::string_view name) const;
  std::uint64_t quota_of(const SamplingRule& rule, const std::string& client, WallTime now);
  void write_target(JsonWriter& json, const Report& report, WallTime now);

  std::string path_;
  Clock clock_;
  std::vector<SamplingRule> rules_;
  WallTime modified_{};
  std::optional<Stamp> stamp_;
  std::string fault_;
  /// By rule, in the order in which they came.
  std::map<std::string, std::vector<Client>, std::less<>> clients_;
};

}  // namespace xtrace::collect
