#pragma once

/// `DeliveryQueue` is what a `ReliableEmitter` knows of its documents: those that wait, how many
/// are under way, and what became of the others. From any thread.
///
/// A document is in one place at a time, so that the numbers of `EmitterStats` add up at every
/// moment: waiting (and pushed out when newer ones need the room), taken by `take_batch`, or
/// settled.

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <xtrace/clock.h>
#include <xtrace/emitter.h>
#include <xtrace/reliable_emitter.h>

namespace xtrace {

/// The service's limit, 64 kB, read generously: it tells what it thinks of a document near it.
inline constexpr std::size_t kMaxServiceDocument = 64U << 10U;

struct WaitingDocument {
  std::string text;
  Tick since;  ///< When it was emitted.
};

class DeliveryQueue {
 public:
  explicit DeliveryQueue(const ReliableEmitterOptions& options);
  DeliveryQueue(const DeliveryQueue&) = delete;
  DeliveryQueue& operator=(const DeliveryQueue&) = delete;
  ~DeliveryQueue();

  /// True where whoever sends has found nothing to do since it last asked, and must be called.
  bool push(std::span<const std::string> documents, const DocumentCounts& built);

  /// The oldest documents, as many as fit one request; none means that `push` will call.
  std::vector<WaitingDocument> take_batch();

  /// The service answered for so many of those taken, which had that many bytes: it accepted all
  /// but the ones in `rejected`.
  void settle_answered(std::size_t count, std::size_t bytes,
                       std::span<const DocumentVerdict> rejected);
  /// Some of those taken are given up, by what the latest error means.
  void settle_lost(std::size_t count, std::size_t bytes, std::uint64_t EmitterStats::*reason);
  void note(Error error);
  /// Nobody can be called just now, for this reason: the next `push` says it again.
  void put_off(Error reason);
  void count_request();

  /// True as soon as nothing waits and nothing is under way, within `limit`.
  bool wait_until_empty(Duration limit);

  EmitterStats stats() const;
  std::optional<Error> last_error() const;
  std::vector<DocumentVerdict> verdicts() const;

 private:
  void push_one(const std::string& document, Tick now);
  void settle(std::size_t count, std::size_t bytes);

  const std::size_t most_bytes_;
  const std::size_t batch_documents_;
  const std::size_t batch_bytes_;
  const std::size_t kept_verdicts_;

  mutable std::mutex mutex_;
  std::condition_variable empty_;
  std::deque<WaitingDocument> waiting_;
  std::size_t bytes_ = 0;  // of all that wait or are under way
  EmitterStats stats_;
  std::optional<Error> last_error_;
  std::deque<DocumentVerdict> verdicts_;
  bool is_sender_idle_ = true;
};

}  // namespace xtrace
