#pragma once

/// `DaemonStandIn` is a UDP socket on a free port of 127.0.0.1 that keeps what the X-Ray daemon
/// would send on: segment documents.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <xtrace/clock.h>
#include <xtrace/daemon_address.h>
#include <xtrace/expected.h>

#include "microservices/trace_tree.h"
#include "net/descriptor.h"

namespace xtrace::examples {

class DaemonStandIn {
 public:
  /// Everything is sent on to `beyond`, where there is one. Errors: `system`, and those of
  /// `connect_udp`.
  static Expected<std::unique_ptr<DaemonStandIn>> start(
      const std::optional<DaemonEndpoint>& beyond);

  /// `127.0.0.1:41234`
  const std::string& address() const { return address_; }
  /// Waits until as many segments of the trace are there, or the time is over, and returns what is.
  TraceTree wait_for(const std::string& trace_id, std::size_t segments, Duration limit);

 private:
  DaemonStandIn() = default;
  /// False where nothing came in time.
  bool receive(Tick deadline);

  Descriptor socket_;
  Descriptor beyond_;  // connected, or none
  std::string address_;
  std::vector<TraceDocument> documents_;
};

}  // namespace xtrace::examples
