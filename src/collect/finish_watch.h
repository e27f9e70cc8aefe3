#pragma once

/// `FinishWatch` finds the traces that are finished: complete and quiet for a while, or not
/// complete and given up waiting for.
///
/// It looks at what the store says has changed, a few times a second and in slices, and at a trace
/// itself only when its quiet time has come: a flood of documents costs it no more than a look at
/// each trace that they belong to. Everything runs on the loop's thread.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <unordered_set>

#include <xtrace/clock.h>
#include <xtrace/loop.h>
#include <xtrace/trace_id.h>

#include "collect/id_hash.h"
#include "collect/trace_store.h"
#include "loop/timer.h"

namespace xtrace::collect {

struct FinishWatchConfig {
  Duration settle = std::chrono::milliseconds(300);
  Duration patience = std::chrono::seconds(10);
  Clock clock{};  ///< Empty: the machine's.
};

class FinishWatch {
 public:
  /// Told once of each trace; again where documents came later. It may do anything to the watch but
  /// destroy it.
  using Tell = std::function<void(const StoredTrace& trace, const TraceDigest& digest,
                                  bool is_complete, bool is_again)>;

  /// `store` outlives it.
  FinishWatch(Loop& loop, FinishWatchConfig config, const TraceStore& store, Tell tell);
  FinishWatch(const FinishWatch&) = delete;
  FinishWatch& operator=(const FinishWatch&) = delete;
  ~FinishWatch();

  /// The store may have changed.
  void note_change() {
    if (!has_news_) wake();
  }
  /// Tells of every trace that waits, as it is, and waits for nothing: nothing more will come.
  void finish_all();
  /// Traces told of, each once.
  std::uint64_t finished() const { return finished_; }

 private:
  /// A change of a trace, and when it will have been quiet for long enough since.
  struct Waiting {
    TraceId id{};
    std::uint64_t revision = 0;
    Tick due{};
  };
  struct HashId {
    std::size_t operator()(const TraceId& id) const { return hash_id(id.text()); }
  };

  void wake();
  void look();
  void take_news();
  /// Whether time was left.
  bool serve_settled(Tick until);
  bool serve_patient(Tick until);
  void judge(const Waiting& waiting);
  void tell(const StoredTrace& trace, bool is_complete);
  void forget_removed();
  void sleep();
  Tick clock_now() const;

  const FinishWatchConfig config_;
  const TraceStore& store_;
  const Tell tell_;
  bool has_news_ = false;  // and so the timer is armed for soon
  std::uint64_t seen_ = 0;
  // In the order of their times; a trace that changed again has a later entry, and the earlier one
  // is void.
  std::deque<Waiting> settling_;
  std::deque<Waiting> patient_;
  std::unordered_set<TraceId, HashId> told_;
  std::uint64_t finished_ = 0;
  Timer timer_;
};

}  // namespace xtrace::collect
