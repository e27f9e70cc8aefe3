#pragma once

/// `CentralSampler` decides by the sampling rules of the X-Ray service, which it asks for through
/// the daemon's TCP side, and tells the service what it did, so that all processes together keep to
/// the rules.
///
/// It polls in the background and never holds a decision up. Until the first rules have come, and
/// again when the latest are more than an hour old, a local manifest decides (`Source::fallback`).
/// Where no daemon is, it asks again later and later, and says nothing: `stats()` tells.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <xtrace/clock.h>
#include <xtrace/daemon_address.h>
#include <xtrace/loop.h>
#include <xtrace/sampler.h>

namespace xtrace {

struct CentralSamplerConfig {
  DaemonEndpoint daemon{};      ///< Of its TCP side.
  SamplingManifest fallback{};  ///< Decides while there are no fresh rules.
  /// Rules are fetched at once, and then this often, each time earlier by a random part of the
  /// jitter, so that the processes of a fleet do not come together.
  Duration rules_interval = std::chrono::seconds(300);
  Duration rules_jitter = std::chrono::seconds(5);
  /// Statistics are reported, and quotas fetched, this often and up to a jitter later.
  Duration targets_interval = std::chrono::seconds(10);
  Duration targets_jitter = std::chrono::milliseconds(100);
  Duration request_limit = std::chrono::seconds(2);
  /// After a failure rules are asked for again after this, then after twice as long, and so on,
  Duration first_retry = std::chrono::seconds(1);
  /// but never later than this.
  Duration longest_retry = std::chrono::seconds(60);
  Clock clock{};  ///< The machine's where empty. For rules and quotas; polls keep real time.
};

struct CentralSamplerStats {
  std::size_t rules = 0;               ///< How many are in force.
  std::vector<std::string> ignored{};  ///< A sentence for each rule that cannot be used.
  std::optional<Duration> age{};       ///< Since the rules were fetched; nothing before they were.
  bool is_fresh = false;               ///< The rules decide, not the fallback.
  std::uint64_t polls = 0;             ///< Requests that were answered or failed,
  std::uint64_t failures = 0;          ///< and of these, those that failed.
  std::uint64_t unprocessed = 0;       ///< Statistics that the service did not take.
  /// The latest reason for one of these, however long ago.
  std::optional<Error> last_error{};
};

class CentralSampler final : public Sampler {
 public:
  CentralSampler(const CentralSampler&) = delete;
  CentralSampler& operator=(const CentralSampler&) = delete;
  /// A sampler on a lent loop: on the loop's thread. Statistics that are not reported yet are lost.
  ~CentralSampler() override;

  /// From any thread. After `fork`, a child begins anew, with an identity, rules and statistics of
  /// its own: one with its own loop polls as soon as it is first asked, one on a lent loop leaves
  /// the loop alone and decides by the fallback.
  SamplingDecision decide(const SamplingRequest& request) override;
  /// From any thread.
  CentralSamplerStats stats() const;

 private:
  struct Impl;
  friend std::unique_ptr<CentralSampler> make_central_sampler(CentralSamplerConfig config);
  friend std::unique_ptr<CentralSampler> make_central_sampler(Loop& loop,
                                                              CentralSamplerConfig config);

  explicit CentralSampler(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

/// Polls on a thread of its own, from now on.
std::unique_ptr<CentralSampler> make_central_sampler(CentralSamplerConfig config = {});

/// Polls on the host's loop, which outlives the sampler; on the loop's thread. While it waits for
/// its next poll it does not keep the loop running.
std::unique_ptr<CentralSampler> make_central_sampler(Loop& loop, CentralSamplerConfig config = {});

}  // namespace xtrace
