#pragma once

/// `LiveEvents` tells open pages what changed, as server-sent events (`/api/events`).
///
/// A stream has no queue: it holds the revision that its page has seen, and when the client has
/// taken what it was sent last, gets the difference to what is there now. So a slow client is told
/// less often and never costs more than one event; clients that keep up share one text. Events are
/// at most four a second. Everything runs on the loop's thread; streams may outlive the hub, and
/// end with it.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/body.h>
#include <xtrace/clock.h>
#include <xtrace/loop.h>

#include "collect/collector_stats.h"
#include "collect/trace_store.h"
#include "loop/timer.h"

namespace xtrace::collect {

struct LiveEventsConfig {
  /// Between two events, at least: where telling takes long, three times as long are for others.
  Duration period = std::chrono::milliseconds(250);
  /// From a change after a quiet time to its event: what comes at once is told at once.
  Duration gather = std::chrono::milliseconds(40);
  /// A comment, so that proxies see that somebody is there.
  Duration keep_alive = std::chrono::seconds(15);
  /// Of one event. Where more traces changed, it has the newest ones, and says how many are missed.
  std::size_t rows = 500;
};

class LiveEvents {
 public:
  /// `store` outlives it.
  LiveEvents(Loop& loop, const LiveEventsConfig& config, const TraceStore& store,
             std::function<CollectorStats()> stats);
  LiveEvents(const LiveEvents&) = delete;
  LiveEvents& operator=(const LiveEvents&) = delete;
  ~LiveEvents();

  /// A body that never ends by itself. `last_id` is the id of the last event that the page saw
  /// (Last-Event-ID), empty where it saw none; then `revision` is what it knows, and without that
  /// it knows all there is. Begins with `hello`.
  std::unique_ptr<BodySource> open(std::string_view last_id, std::optional<std::uint64_t> revision);
  /// The store may have changed. Costs nothing where nobody watches, and little where a change is
  /// known already.
  void note_change() {
    if (!streams_.empty() && !is_due_) wake();
  }
  /// Ends every stream, and those that are opened from now on.
  void close();

  std::size_t streams() const { return open_; }

 private:
  class Stream;
  using Text = std::shared_ptr<const std::string>;

  void wake();
  void on_due();
  void on_keep_alive();
  /// Gives each stream that waits what `text_for` says, if anything.
  void give_all(const std::function<Text(Stream&)>& text_for);
  void remove(const Stream* stream);
  void compact();
  Text hello(std::uint64_t seen, bool is_reset) const;
  Text changes_since(std::uint64_t from, const CollectorStats& stats) const;
  /// How an event begins: its id, by which a page that comes again says what it saw, and its name.
  std::string begin_event(std::string_view name, std::uint64_t revision) const;

  const LiveEventsConfig config_;
  const TraceStore& store_;
  const std::function<CollectorStats()> stats_;
  const std::string epoch_;       // of this process: revisions of others mean nothing here
  std::vector<Stream*> streams_;  // null where one went while all are told
  std::size_t open_ = 0;
  bool is_telling_ = false;
  bool is_closed_ = false;
  bool is_due_ = false;
  Tick next_due_{};
  std::uint64_t told_strays_ = 0;
  Timer due_;
  Timer keep_alive_;
};

}  // namespace xtrace::collect
