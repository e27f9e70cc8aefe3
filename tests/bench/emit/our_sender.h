#pragma once

/// Our side of tools/bench: segments made with the public API and sent by a `UdpEmitter`.

#include <cstddef>
#include <cstdint>
#include <string>

#include <xtrace/udp_emitter.h>

namespace xtrace::bench {

/// The bytes of one sample as a datagram.
std::string sample_datagram();

struct OurSide {
  std::uint16_t port = 0;
  std::size_t segments = 0;  ///< An order, over all threads.
  unsigned threads = 1;
  FlowControl flow_control = FlowControl::automatic;
};

/// Makes and sends on every order, and answers how many.
void send_samples(const OurSide& settings);

/// Makes so many on every order, and sends them nowhere.
void make_samples(std::size_t segments);

}  // namespace xtrace::bench
