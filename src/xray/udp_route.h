#pragma once

/// A `UdpRoute` is a connected socket with what it takes to send well on it: the gate that keeps
/// its receiver from being flooded and the senders of batches.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <xtrace/clock.h>
#include <xtrace/udp_emitter.h>

#include "xray/batch_sender.h"
#include "xray/flow_gate.h"

namespace xtrace {

/// Datagrams that a host on the way or at its end sent back. Hosts answer a few at once and then
/// one a second, so there may be more.
struct Returned {
  std::size_t count = 0;
  int code = 0;  ///< The `errno` of the last.
};

/// One thread at a time.
class UdpRoute {
 public:
  /// Owns the descriptor.
  UdpRoute(int descriptor, const UdpEmitterOptions& options);
  UdpRoute(const UdpRoute&) = delete;
  UdpRoute& operator=(const UdpRoute&) = delete;
  ~UdpRoute();

  Allowance allow(std::span<const std::string_view> datagrams, Tick now) {
    return gate_.allow(datagrams, now);
  }
  /// Datagrams that leave together need a receiver that is known to be there.
  SendResult send(std::span<const std::string_view> datagrams, Allowance::Listener listener);
  /// One datagram to somebody who may not be there.
  SendResult try_one(std::string_view datagram);
  /// What the network brought back since the last call. Where refusals are known at once there is
  /// nothing more to know here.
  Returned take_returned();

  /// True where a refusal is known when the sending call returns: the peer is on this host.
  bool answers_at_once() const { return answers_at_once_; }
  std::uint64_t calls() const { return single_.calls() + trains_.calls(); }
  std::optional<std::uint64_t> receiver_drops() { return gate_.receiver_drops(); }
  int descriptor() const { return descriptor_; }
  /// Gives the descriptor back to who asks; the destructor then closes nothing.
  int release_descriptor();

 private:
  int descriptor_;
  bool answers_at_once_;
  FlowGate gate_;
  BatchSender single_;
  BatchSender trains_;
};

}  // namespace xtrace
