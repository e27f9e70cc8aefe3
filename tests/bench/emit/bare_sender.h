#pragma once

/// The peer's side of tools/bench: the same bytes, sent as fast as the system calls go.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace xtrace::bench {

struct BareSide {
  std::uint16_t port = 0;
  std::size_t datagrams = 0;  ///< An order.
  std::size_t at_once = 1;    ///< One: `send`; more: `sendmmsg`.
  /// Waits, uncounted, while the receiver has no room: what it loses costs less to send.
  bool waits_for_room = false;
};

/// Sends on every order, and answers how many the kernel took.
void send_bare(const BareSide& settings, std::string_view datagram);

}  // namespace xtrace::bench
