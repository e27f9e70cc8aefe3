#include <utility>

#include <xtrace/udp_emitter.h>

#include "xray/udp_engine.h"

namespace xtrace {

struct UdpEmitter::State {
  template <class... Arguments>
  explicit State(const UdpEmitterOptions& options, Arguments&&... arguments)
      : engine(std::forward<Arguments>(arguments)..., options), close_limit(options.close_limit) {}

  UdpEngine engine;
  const Duration close_limit;
};

UdpEmitter::UdpEmitter(std::unique_ptr<State> state) : state_(std::move(state)) {}

UdpEmitter::~UdpEmitter() {
  state_->engine.close(state_->close_limit);
}

void UdpEmitter::take(std::span<const std::string> documents, const DocumentCounts& built) {
  state_->engine.take(documents, built);
}

void UdpEmitter::flush() {
  state_->engine.flush();
}

bool UdpEmitter::drain(Duration limit) {
  return state_->engine.drain(limit);
}

EmitterStats UdpEmitter::stats() const {
  return state_->engine.stats();
}

std::optional<Error> UdpEmitter::last_error() const {
  return state_->engine.last_error();
}

Delivery UdpEmitter::confirm(Duration limit) {
  return state_->engine.confirm(limit);
}

bool UdpEmitter::is_daemon_absent() const {
  return state_->engine.is_daemon_absent();
}

std::string UdpEmitter::peer() const {
  return state_->engine.peer();
}

std::unique_ptr<UdpEmitter> make_udp_emitter(const DaemonEndpoint& endpoint,
                                             const UdpEmitterOptions& options) {
  auto state = std::make_unique<UdpEmitter::State>(options, endpoint);
  return std::unique_ptr<UdpEmitter>{new UdpEmitter{std::move(state)}};
}

std::unique_ptr<UdpEmitter> make_udp_emitter_on(int descriptor, std::string_view peer,
                                                const UdpEmitterOptions& options) {
  auto state = std::make_unique<UdpEmitter::State>(options, descriptor, peer);
  return std::unique_ptr<UdpEmitter>{new UdpEmitter{std::move(state)}};
}

}  // namespace xtrace
