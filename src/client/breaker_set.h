#pragma once

/// `BreakerSet` is what `CircuitBreakers` and their permits share: the buckets by name, behind one
/// lock, and which of them can be forgotten.
///
/// A bucket stays as long as a permit of it is out. Those without one stand in a chain, the one
/// idle longest first: the closed ones in one, the others in another, those that were forced in
/// none.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <xtrace/circuit_breaker.h>

#include "base/chain.h"
#include "client/breaker.h"

namespace xtrace {

class BreakerBucket final : public Link<BreakerBucket> {
 public:
  BreakerBucket(std::string_view its_name, const BreakerConfig& config)
      : name(its_name), breaker(config) {}

  const std::string name;
  Breaker breaker;
  std::size_t permits = 0;  ///< Out now, of any generation.
  Tick used{};
};

class BreakerSet {
 public:
  using Forced = BreakerConfig::Forced;

  struct Permit {
    BreakerBucket* bucket = nullptr;
    BreakerGrant grant{};
  };

  BreakerSet(BreakerConfig config, CircuitBreakers::OnChange on_change);
  BreakerSet(const BreakerSet&) = delete;
  BreakerSet& operator=(const BreakerSet&) = delete;
  ~BreakerSet();

  Expected<Permit> allow(std::string_view name, Tick present);
  /// Ends the permit.
  void report(const Permit& permit, BreakerVerdict verdict, Duration took, Tick present);
  /// Ends the permit without a word.
  void release(const Permit& permit);
  bool is_closed(std::string_view name) const;
  void force(std::string_view name, Forced forced);

  const BreakerConfig& config() const { return config_; }
  std::optional<BreakerStats> stats_of(std::string_view name, Tick present) const;
  std::vector<BreakerStats> stats(Tick present) const;

 private:
  struct News {
    std::string bucket{};
    BreakerStep step{};
  };
  /// What happened under the lock and is told behind it.
  using AllNews = std::vector<News>;

  // All of these under the lock.
  void look_at_clock(Tick present);
  BreakerBucket& find_or_make(std::string_view name, AllNews& news);
  void forget_idle();
  void forget_surplus(AllNews& news);
  void forget(BreakerBucket& bucket);
  void advance(BreakerBucket& bucket, AllNews& news);
  void note(const BreakerBucket& bucket, const std::optional<BreakerStep>& step, AllNews& news);
  /// Puts the bucket where it belongs now that it was used.
  void shelve(BreakerBucket& bucket);

  void tell(const AllNews& news) const;

  const BreakerConfig config_;
  const CircuitBreakers::OnChange on_change_;
  mutable std::mutex mutex_;
  Tick present_ = Tick::min();  // the latest that anybody told
  Chain<BreakerBucket> idle_;   // closed
  Chain<BreakerBucket> idle_and_open_;
  // By the names that the buckets have themselves.
  std::unordered_map<std::string_view, std::unique_ptr<BreakerBucket>> buckets_;
};

}  // namespace xtrace
