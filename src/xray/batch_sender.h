#pragma once

/// Sends many datagrams with few system calls.
///
/// Up to 64 datagrams leave with one `sendmmsg`. Where the kernel can cut one large buffer into
/// datagrams (`UDP_SEGMENT`) and the caller allows it, neighbours of similar size are padded with
/// trailing spaces, which JSON allows and the daemon passes on, and leave as one train: the way
/// through the kernel is then walked once for all of them.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace xtrace {

struct SendResult {
  /// How many datagrams, from the first on, the kernel has. One that it has may still come back: a
  /// refusal is told by a later call, and nothing tells of a full receiver.
  std::size_t taken = 0;
  /// The `errno` that stopped the datagram behind them, or 0 where all were taken. ECONNREFUSED is
  /// about a datagram, or a whole train of them, that went before.
  int error = 0;
};

/// One thread at a time; allocates nothing. The descriptor is the caller's.
class BatchSender {
 public:
  static constexpr std::size_t kMostAtOnce = 64;

  /// `descriptor` is a connected datagram socket. With `may_segment`, trains are used until the
  /// kernel refuses one; do so only where the receiver is known to be there and to have room, since
  /// a train that nobody takes is lost whole and is one refusal.
  BatchSender(int descriptor, bool may_segment);
  BatchSender(const BatchSender&) = delete;
  BatchSender& operator=(const BatchSender&) = delete;
  ~BatchSender() = default;

  /// Sends until all are taken or one is not, waiting for nothing. The datagrams are only read.
  SendResult send(std::span<const std::string_view> datagrams);

  /// System calls that sent, so far.
  std::uint64_t calls() const { return calls_; }
  bool may_segment() const { return may_segment_; }

 private:
  int descriptor_;
  bool may_segment_;
  std::uint64_t calls_ = 0;
};

}  // namespace xtrace
