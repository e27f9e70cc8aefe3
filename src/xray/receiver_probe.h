#pragma once

/// Asks the kernel how full the receiver of a connected UDP socket is.
///
/// UDP has no back-pressure: what does not fit into the receiving socket's buffer is lost in
/// silence. Where the receiver is on this host, Linux tells any user of the same network namespace
/// how much of that buffer is taken (`NETLINK_SOCK_DIAG`), in about a microsecond.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace xtrace {

struct SocketEnd;

/// The receiving socket's buffer, in the kernel's own accounting (`truesize_of`).
struct ReceiverRoom {
  std::size_t used = 0;     ///< Bytes that unread datagrams occupy.
  std::size_t size = 0;     ///< SO_RCVBUF; a datagram is lost when `used` would grow past it.
  std::uint64_t drops = 0;  ///< Datagrams the socket ever lost; counts modulo 2^32.

  friend bool operator==(const ReceiverRoom&, const ReceiverRoom&) = default;
};

/// What a datagram of `payload` bytes takes of the buffer of a receiver on this host, at most: sent
/// alone, or padded in a train (`BatchSender`), where it is the sum over the train that holds.
std::size_t truesize_of(std::size_t payload);

/// One thread at a time. Allocates when it is made, not when it is asked, and waits for nobody.
class ReceiverProbe {
 public:
  /// `nobody`: the peer's address is this host's, and no socket of this network namespace takes
  /// datagrams there. A packet filter may still send them on, to a container for one: only a
  /// refusal is proof. `unknown`: the peer is elsewhere, or the kernel does not tell.
  enum class Answer : std::uint8_t { room, nobody, unknown };

  /// Looks at both addresses of the descriptor, which it does not keep: connect the socket anew and
  /// you want a new probe. Never fails; one that cannot ask answers `unknown`.
  explicit ReceiverProbe(int connected_descriptor);
  ReceiverProbe(const ReceiverProbe&) = delete;
  ReceiverProbe& operator=(const ReceiverProbe&) = delete;
  ~ReceiverProbe();

  /// Fills `room` where the answer is `room`, and leaves it alone otherwise. After a few failures
  /// in a row it asks no more and always answers `unknown`.
  Answer ask(ReceiverRoom& room);
  /// The peer's address is one of this host's, also where the kernel cannot be asked.
  bool is_local() const { return is_local_; }

 private:
  void prepare(const SocketEnd& from, const SocketEnd& to);
  bool send_request();
  std::optional<Answer> read_answer(ReceiverRoom& room) const;
  void close_netlink();

  /// An nlmsghdr and an inet_diag_req_v2, written once and sent again and again.
  alignas(8) std::array<std::byte, 72> request_{};
  int netlink_ = -1;
  bool is_local_ = false;
  bool may_say_nobody_ = false;
  std::uint32_t sequence_ = 0;
  unsigned failures_ = 0;  // in a row
};

}  // namespace xtrace
