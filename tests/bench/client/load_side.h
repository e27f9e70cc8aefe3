#pragma once

/// The library's part of tools/bench's `trace-overhead`: the same requests, bare or with all that
/// tracing adds.

#include <cstddef>
#include <cstdint>
#include <string>

namespace xtrace::bench {

struct LoadSide {
  std::string url{};
  std::size_t requests = 0;  ///< An order.
  std::size_t in_flight = 32;
  bool keeps_bodies = false;  ///< In memory, instead of passing over them.
  /// Where segments go; 0: every request is a bare `Client::start`.
  std::uint16_t trace_port = 0;
};

/// Sends on every order. Traced, each request has a segment of its own, every hook of `ClientTrace`
/// set, its phases recorded and its document sent, which the order waits for.
void send_requests(const LoadSide& settings);

}  // namespace xtrace::bench
