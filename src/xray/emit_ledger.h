#pragma once

/// What an emitter has, and what became of everything it ever had: the queue and the books.
///
/// A document that came in is queued until exactly one of these happens to it: sent, refused, or
/// dropped for a reason. So the numbers of `EmitterStats` add up after every call. Knows no socket,
/// no clock and no lock; one thread at a time calls.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <xtrace/emitter.h>
#include <xtrace/udp_emitter.h>

#include "xray/datagram_queue.h"

namespace xtrace {

/// Why nothing can be sent: nobody listens, or there is no way to the daemon.
enum class Absence : std::uint8_t { none, refused, unreachable };

class EmitLedger {
 public:
  static constexpr std::size_t kBatch = 64;
  static constexpr std::size_t kBatchBytes = 256U << 10U;
  using Loss = std::uint64_t EmitterStats::*;

  /// `peer` is the name in messages.
  EmitLedger(std::size_t max_bytes, std::string_view peer) : queue_(max_bytes), peer_(peer) {}

  /// `now` counts while the daemon is absent; the documents before wait since it went.
  void enqueue(std::string_view document, Tick now);
  void add_built(const DocumentCounts& built) { stats_.built += built; }

  /// The next batch. The views hold until `settle`.
  std::size_t claim(std::span<std::string_view> into);
  /// Of the claimed datagrams the first `sent` are with the kernel, the others wait again.
  void settle(std::size_t sent, std::uint64_t calls);
  /// The same, and the first behind them is lost.
  void settle_with_loss(std::size_t sent, std::uint64_t calls, Loss loss);
  /// The first of the claimed is on its way for a trial and stays claimed, the others wait again.
  void hold_first(std::uint64_t calls);
  /// Word came that a datagram which counts as sent was refused: not which. It is taken for one of
  /// average size, and for the last where that counts as sent.
  void refuse_sent();

  void begin_absence(Absence absence, Tick now);
  void end_absence() { absence_ = Absence::none; }
  Absence absence() const { return absence_; }
  /// Gives up what has waited for the daemon as long as it may. Nothing may be claimed.
  void expire(Tick now, Duration patience);
  /// When the first will have waited that long.
  std::optional<Tick> expires_at(Duration patience) const;
  /// What is queued is dropped, for the emitter ends.
  void close();
  /// Nothing ever happened: the child of a fork begins.
  void reset();

  bool is_empty() const { return queue_.is_empty(); }
  bool has_batch() const { return waiting() >= kBatch || queue_.bytes() >= kBatchBytes; }
  Delivery last() const { return last_; }
  const EmitterStats& stats() const { return stats_; }

  void note(Error error) { last_error_ = std::move(error); }
  /// An error whose object is the sending.
  void note(Error::Code code, std::string_view reason);
  void note_drops(std::uint64_t drops) { stats_.receiver_drops = drops; }
  const std::optional<Error>& last_error() const { return last_error_; }
  const std::string& peer() const { return peer_; }
  void set_peer(std::string_view peer) { peer_ = peer; }

 private:
  std::size_t waiting() const { return queue_.size() - queue_.claimed(); }
  void count_sent(std::size_t sent, std::uint64_t calls);
  void count_queued();
  void decide_last(Delivery delivery);

  DatagramQueue queue_;
  std::string peer_;
  EmitterStats stats_{};
  std::optional<Error> last_error_{};
  Absence absence_ = Absence::none;
  Tick absent_since_{};
  Delivery last_ = Delivery::unsent;
  bool is_last_queued_ = false;  // else the last document was not worth queueing
  std::span<std::string_view> claimed_{};
};

}  // namespace xtrace
