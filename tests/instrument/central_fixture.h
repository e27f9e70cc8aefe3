#pragma once

/// `CentralFixture` is what every test of a `CentralSampler` needs: a scripted daemon and the
/// sampler on the loop of the test, and a clock that the test moves.

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include <doctest/doctest.h>

#include <xtrace/central_sampler.h>

#include "daemon_host.h"
#include "support/scripted_server.h"
#include "support/test_loop.h"

namespace xtrace::testing {

/// A record of GetSamplingRules that matches every request of `service`.
inline std::string rule_record(std::string_view name, std::string_view service = "*") {
  const nlohmann::json record = {{"SamplingRule",
                                  {{"RuleName", name},
                                   {"ResourceARN", "*"},
                                   {"Priority", 1},
                                   {"FixedRate", 0.0},
                                   {"ReservoirSize", 1},
                                   {"ServiceName", service},
                                   {"ServiceType", "*"},
                                   {"Host", "*"},
                                   {"HTTPMethod", "*"},
                                   {"URLPath", "*"},
                                   {"Version", 1},
                                   {"Attributes", nlohmann::json::object()}}}};
  return record.dump();
}

/// An answer to GetSamplingRules that holds `records`, which are separated by commas.
inline std::string rules_reply(const std::string& records, std::string_view next_token = {}) {
  const std::string token = next_token.empty() ? "null" : '"' + std::string(next_token) + '"';
  return R"({"SamplingRuleRecords":[)" + records + R"(],"NextToken":)" + token + "}";
}

/// An answer to SamplingTargets.
inline std::string targets_reply(const std::string& documents = {}, std::int64_t modified = 0,
                                 const std::string& unprocessed = {}) {
  return R"({"SamplingTargetDocuments":[)" + documents + R"(],"LastRuleModification":)" +
         std::to_string(modified) + R"(,"UnprocessedStatistics":[)" + unprocessed + "]}";
}

/// May be read by one thread while another moves it.
class MovableClock {
 public:
  void move(Duration by) { offset_ += by.count(); }
  TimePoint look() const {
    const Duration offset{offset_.load()};
    return {.wall = start_.wall + offset, .tick = start_.tick + offset};
  }
  std::int64_t epoch() const {
    return std::chrono::duration_cast<std::chrono::seconds>(look().wall.time_since_epoch()).count();
  }

 private:
  const TimePoint start_ = now();
  std::atomic<Duration::rep> offset_{0};
};

struct CentralFixture {
  TestLoop loop;
  ScriptedServer server{loop};
  MovableClock clock;
  CentralSamplerConfig config{.rules_interval = std::chrono::hours(1),
                              .rules_jitter = {},
                              .targets_interval = std::chrono::milliseconds(1),
                              .targets_jitter = {},
                              .first_retry = std::chrono::milliseconds(1),
                              .longest_retry = std::chrono::milliseconds(2),
                              .clock = [this] { return clock.look(); }};
  std::unique_ptr<CentralSampler> sampler;

  void make() {
    config.daemon = endpoint_of(server);
    sampler = make_central_sampler(loop, config);
  }
  /// Makes the sampler and runs until it has rules.
  void make_with_rules() {
    make();
    loop.run_until([this] { return sampler->stats().is_fresh; });
  }

  SamplingDecision decide(std::string_view service = "orders") {
    return sampler->decide({.service_name = service});
  }
  void run_until_connections(std::size_t count) {
    loop.run_until([this, count] { return server.is_done(count - 1); });
  }
  /// Statistics are due from now on.
  void let_interval_pass() { clock.move(std::chrono::seconds(11)); }

  /// The statistics that the connection numbered `index` reported.
  nlohmann::json reported(std::size_t index) const {
    return sent_json_of(server.received(index)).at("SamplingStatisticsDocuments");
  }
};

}  // namespace xtrace::testing
