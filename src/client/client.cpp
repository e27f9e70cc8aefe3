#include <utility>

#include <xtrace/client.h>

#include "base/assert.h"
#include "client/attempt.h"
#include "net/system_resolver.h"

namespace xtrace {

class CallState {
 public:
  std::unique_ptr<Attempt> attempt;
};

struct Client::Impl {
  Loop& loop;
  ClientConfig config;
  SystemResolver resolver;
  std::shared_ptr<const TlsContext> tls;  // made by the first https request that succeeds in it

  Impl(Loop& on, ClientConfig with) : loop(on), config(std::move(with)), resolver(on) {}

  Expected<std::shared_ptr<const TlsContext>> tls_for(const Url& url) {
    if (!url.is_https() || tls) return tls;
    Expected<std::shared_ptr<const TlsContext>> made = make_tls_context(config.tls);
    if (made) tls = *made;
    return made;
  }
};

Client::Client(Loop& loop, const FinalizedClientConfig& config)
    : impl_(std::make_unique<Impl>(loop, config.config())) {}

Client::~Client() = default;

Call Client::start(Request request, CallOptions options, Callback<void(Exchange)> on_done) {
  // Reading the trust store is not part of the request: it happens once, before the clock starts.
  Expected<std::shared_ptr<const TlsContext>> tls = impl_->tls_for(request.url);
  auto state = std::make_unique<CallState>();
  state->attempt = std::make_unique<Attempt>(
      AttemptContext{.loop = impl_->loop, .resolver = impl_->resolver, .config = impl_->config},
      std::move(request), std::move(options), std::move(on_done));
  state->attempt->start(std::move(tls));
  return Call(std::move(state));
}

Call::Call() = default;
Call::Call(Call&&) noexcept = default;
Call& Call::operator=(Call&&) noexcept = default;
Call::~Call() = default;
Call::Call(std::unique_ptr<CallState> state) : state_(std::move(state)) {}

Exchange Call::abort() {
  XTRACE_ASSERT(is_running());
  const std::unique_ptr<CallState> state = std::move(state_);
  return state->attempt->abort();
}

bool Call::is_running() const {
  return state_ != nullptr && state_->attempt->is_running();
}

}  // namespace xtrace
