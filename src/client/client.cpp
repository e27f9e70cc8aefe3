#include <utility>

#include <xtrace/client.h>

#include "base/assert.h"
#include "client/client_core.h"

namespace xtrace {

Duration Exchange::total() const {
  if (past.empty()) return timeline.total;
  return timeline.started.tick + timeline.total - past.front().timeline.started.tick;
}

struct Client::Impl {
  Impl(Loop& loop, const FinalizedClientConfig& config) : core(loop, config, nullptr) {}

  ClientCore core;
};

Client::Client(Loop& loop, const FinalizedClientConfig& config)
    : impl_(std::make_unique<Impl>(loop, config)) {}

Client::~Client() = default;

Call Client::start(Request request, CallOptions options, Callback<void(Exchange)> on_done) {
  ClientCore& core = impl_->core;
  // Reading the trust store is not part of the request: it happens once, before the clock starts.
  // Whether it went well matters to the handshake.
  if (request.url.is_https()) static_cast<void>(core.tls.get());
  auto state =
      std::make_unique<CallState>(core, std::move(request), std::move(options), std::move(on_done));
  core.begin_later(*state);
  return Call(std::move(state));
}

void Client::close(Callback<void()> on_closed) {
  impl_->core.close(std::move(on_closed));
}

void Client::abort() {
  impl_->core.abort();
}

void Client::close_idle() {
  impl_->core.pool.close_idle();
}

ClientCore& Client::core() {
  return impl_->core;
}

PoolStats Client::pool_stats() const {
  return impl_->core.book.stats();
}

Call::Call() = default;
Call::Call(Call&&) noexcept = default;
Call& Call::operator=(Call&&) noexcept = default;
Call::~Call() = default;
Call::Call(std::unique_ptr<CallState> state) : state_(std::move(state)) {}

Exchange Call::abort() {
  return abort({Error::Code::cancelled, Phase::none, "cancelled by the caller"});
}

Exchange Call::abort(Error reason) {
  XTRACE_ASSERT(is_running());
  const std::unique_ptr<CallState> state = std::move(state_);
  return state->end(std::move(reason));
}

void Call::resume() {
  if (is_running()) state_->resume();
}

bool Call::is_running() const {
  return state_ != nullptr && state_->is_running();
}

}  // namespace xtrace
