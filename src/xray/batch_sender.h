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
  /// How many datagrams, from the first on, the kernel has and did not bring back before the call
  /// returned. Later they still may: a refusal from another host takes its time, and nothing tells
  /// of a full receiver.
  std::size_t taken = 0;
  /// The `errno` that ended it, or 0 where all were taken. ECONNREFUSED from a peer on this host is
  /// there when the kernel has sent, and is about datagrams right behind `taken`: keep those and
  /// send them again. From another host it is about some that were sent earlier.
  int error = 0;
};

/// One thread at a time; allocates nothing. The descriptor is the caller's.
class BatchSender {
 public:
  static constexpr std::size_t kMostAtOnce = 64;         ///< Datagrams in one system call.
  static constexpr std::size_t kLargestSegment = 8'188;  ///< Bytes of a datagram in a train.

  /// `descriptor` is a connected datagram socket; after another `connect`, make another sender.
  /// With `may_segment`, trains are sent until the kernel refuses one. A train that nobody takes is
  /// lost whole: have them only where the receiver is known to be there and to have room.
  BatchSender(int descriptor, bool may_segment);
  BatchSender(const BatchSender&) = delete;
  BatchSender& operator=(const BatchSender&) = delete;
  ~BatchSender() = default;

  /// Sends until all are taken or one is not, waiting for nothing. The datagrams are only read.
  SendResult send(std::span<const std::string_view> datagrams);

  /// System calls that sent, so far.
  std::uint64_t calls() const { return calls_; }
  /// Whether it sends trains: what the caller allowed, and the kernel.
  bool segments() const { return largest_segment_ > 0; }

 private:
  struct Messages;

  SendResult send_chunk(std::span<const std::string_view> chunk);
  void pack(Messages& messages, std::span<const std::string_view> chunk) const;
  int send_messages(Messages& messages, std::size_t first);
  int pending_error() const;

  int descriptor_;
  /// The peer is on this host, so that word of a refusal is there when the kernel has sent.
  bool is_refused_at_once_ = false;
  bool has_sendmmsg_ = true;
  std::size_t largest_segment_ = 0;  // bytes; 0 where no trains are sent
  std::uint64_t calls_ = 0;
};

}  // namespace xtrace
