#include "collect/forward_udp.h"

#include <span>
#include <utility>

namespace xtrace::collect {

namespace {

// Closing has waited already when the emitter goes.
constexpr UdpEmitterOptions kForwardOptions = {.close_limit = Duration::zero()};
constexpr Duration kForwardLook = std::chrono::milliseconds(5);

}  // namespace

ForwardUdp::ForwardUdp(Loop& loop, DaemonEndpoint endpoint)
    : endpoint_(std::move(endpoint)),
      emitter_(make_udp_emitter(endpoint_, kForwardOptions)),
      timer_(loop) {}

ForwardUdp::~ForwardUdp() = default;

void ForwardUdp::take(std::string_view document) {
  document_.assign(document);
  emitter_->emit(std::span(&document_, 1));
}

void ForwardUdp::close(Callback<void()> on_closed) {
  on_closed_ = std::move(on_closed);
  give_up_ = tick_after(kCloseLimit);
  emitter_->flush();
  timer_.arm_every(kForwardLook, [this] { look_again(); });
}

std::map<std::string, std::uint64_t, std::less<>> ForwardUdp::counters() const {
  const EmitterStats stats = emitter_->stats();
  return {{"documents", stats.documents},
          {"sent", stats.sent},
          {"queued", stats.queued},
          {"failed", stats.refused + stats.dropped_error + stats.dropped_too_large},
          {"dropped", stats.dropped_queue_full + stats.dropped_at_close}};
}

std::string ForwardUdp::last_error() const {
  const auto error = emitter_->last_error();
  return error ? error->message : std::string();
}

void ForwardUdp::look_again() {
  if (emitter_->stats().queued > 0 && tick_now() < give_up_) return;
  timer_.disarm();
  Callback<void()> on_closed = std::move(on_closed_);
  on_closed();
}

}  // namespace xtrace::collect
