#pragma once

/// `ForwardUdp` sends every document on to an X-Ray daemon, as the daemon's own clients do.
///
/// What the daemon has no room for waits in a bounded queue; what is lost is counted. Nothing here
/// waits.

#include <memory>
#include <string>

#include <xtrace/daemon_address.h>
#include <xtrace/loop.h>
#include <xtrace/udp_emitter.h>

#include "collect/collector.h"
#include "loop/timer.h"

namespace xtrace::collect {

class ForwardUdp final : public DocumentTap {
 public:
  /// How long closing waits for what is left.
  static constexpr Duration kCloseLimit = std::chrono::seconds(1);

  /// `loop` outlives it. A daemon that is not there counts as `failed`.
  ForwardUdp(Loop& loop, DaemonEndpoint endpoint);
  ForwardUdp(const ForwardUdp&) = delete;
  ForwardUdp& operator=(const ForwardUdp&) = delete;
  ~ForwardUdp() override;

  void take(std::string_view document) override;
  void close(Callback<void()> on_closed) override;
  std::map<std::string, std::uint64_t, std::less<>> counters() const override;
  std::string target() const override { return "udp://" + endpoint_.to_string(); }
  std::string last_error() const override;

 private:
  void look_again();

  const DaemonEndpoint endpoint_;
  std::unique_ptr<UdpEmitter> emitter_;
  std::string document_;  // used again and again
  Timer timer_;
  Tick give_up_{};
  Callback<void()> on_closed_;
};

}  // namespace xtrace::collect
