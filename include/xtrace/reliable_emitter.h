#pragma once

/// `ReliableEmitter` delivers documents through the daemon's TCP side and knows what became of
/// each: the X-Ray service acknowledges or rejects it. For batch jobs, and for those who must not
/// lose any.
///
/// The daemon only signs and passes on, so delivery takes a round trip to the service. What is not
/// acknowledged is sent again: a document may arrive twice, and the service keeps one.

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <xtrace/clock.h>
#include <xtrace/daemon_address.h>
#include <xtrace/emitter.h>

namespace xtrace {

/// What the service says of a document that it does not take. Each text is cut to 500 bytes.
struct DocumentVerdict {
  std::string id{};       ///< Of the segment; empty where the service could not read it.
  std::string code{};     ///< `InvalidTraceId`, `MissingName`, `ParseError`, ...
  std::string message{};  ///< May be empty.

  friend bool operator==(const DocumentVerdict&, const DocumentVerdict&) = default;
};

struct ReliableEmitterOptions {
  /// Bytes of documents kept until they are acknowledged; when there are more, the oldest go.
  std::size_t queue_bytes = 8U << 20U;
  std::size_t batch_documents = 50;  ///< Of one request; the daemon sends as many at most.
  std::size_t batch_bytes = 1U << 20U;
  Duration request_limit = std::chrono::seconds(5);
  /// A request that failed is tried again after this, then after twice as long, and so on, each a
  /// little shorter by chance,
  Duration first_retry = std::chrono::milliseconds(100);
  /// but never longer than this.
  Duration longest_retry = std::chrono::seconds(5);
  /// How long a document is tried to be delivered in vain before it counts as lost. Time in which
  /// others were delivered is none of it. Zero: it is tried once.
  Duration patience = std::chrono::seconds(60);
  /// How long destruction goes on delivering.
  Duration close_limit = std::chrono::seconds(2);
  /// The latest verdicts are kept for `verdicts()`.
  std::size_t kept_verdicts = 100;
  /// Called for every verdict, on the emitter's own thread, which it holds up: it may `emit`, and
  /// must neither `drain` nor destroy the emitter.
  std::function<void(const DocumentVerdict&)> on_rejected{};
};

/// Requests of up to 50 documents, one request at a time, in the order of `emit`, from a thread of
/// the emitter's own that starts with the first document.
///
/// `EmitterStats` counts as `sent` what the service acknowledged, as `rejected` what it refused, as
/// `refused` what was given up because nobody listened, as `dropped_error` what was given up for
/// another reason, and as `dropped_too_large` what is above the service's 64 KiB.
///
/// A request that the service refuses as a whole is halved until the document at fault is alone.
///
/// After `fork`, a child's emitter has an empty queue, zeroed stats and a thread of its own; what
/// was queued stays the parent's.
class ReliableEmitter final : public Emitter {
 public:
  ReliableEmitter(const ReliableEmitter&) = delete;
  ReliableEmitter& operator=(const ReliableEmitter&) = delete;
  /// Delivers what is queued, for `close_limit` at most.
  ~ReliableEmitter() override;

  void flush() override;
  /// True once everything is acknowledged, rejected or lost.
  bool drain(Duration limit) override;
  EmitterStats stats() const override;
  std::optional<Error> last_error() const override;
  /// The latest documents that the service rejected, oldest first.
  std::vector<DocumentVerdict> verdicts() const;

 private:
  struct Impl;
  friend std::unique_ptr<ReliableEmitter> make_reliable_emitter(
      const DaemonEndpoint& endpoint, const ReliableEmitterOptions& options);

  explicit ReliableEmitter(std::unique_ptr<Impl> impl);
  void take(std::span<const std::string> documents, const DocumentCounts& built) override;

  std::unique_ptr<Impl> impl_;
};

/// Over the TCP side of the daemon at `endpoint`. Never waits and never fails: what cannot be
/// reached is told by `stats()` and `last_error()`.
std::unique_ptr<ReliableEmitter> make_reliable_emitter(const DaemonEndpoint& endpoint,
                                                       const ReliableEmitterOptions& options = {});

}  // namespace xtrace
