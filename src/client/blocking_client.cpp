#include <future>
#include <span>
#include <utility>

#include <xtrace/blocking_client.h>

#include "base/assert.h"
#include "base/fork.h"
#include "loop/quiet_loop_thread.h"

namespace xtrace {

namespace {

Error client_closed(const char* why) {
  return {Error::Code::client_closed, Phase::none, why};
}

Error paused() {
  return {Error::Code::body_refused, Phase::body,
          "on_body paused, and nobody could go on: whoever has the call waits for its end"};
}

/// A request that a thread waits for. It lies on that thread's stack, and what it does happens on
/// the loop's.
class Waited {
 public:
  Waited(Request request, CallOptions options)
      : request_(std::move(request)), options_(std::move(options)) {
    if (options_.on_body) refuse_pauses();
  }
  Waited(const Waited&) = delete;
  Waited& operator=(const Waited&) = delete;
  ~Waited() = default;

  void start(Client& client) {
    call_ = client.start(std::move(request_), std::move(options_),
                         [this](Exchange exchange) { finish(std::move(exchange)); });
  }
  // What the options captured dies on the loop's thread, before the waiting one goes on. The
  // promise is a local since that one may destroy this as soon as it has its value.
  void finish(Exchange exchange) {
    call_ = Call();
    std::promise<Exchange> done = std::move(done_);
    done.set_value(std::move(exchange));
  }
  std::future<Exchange> result() { return done_.get_future(); }

 private:
  void refuse_pauses() {
    options_.on_body = [tell = std::move(options_.on_body)](
                           std::span<const std::byte> piece) mutable -> Expected<Flow> {
      Expected<Flow> answer = tell(piece);
      if (answer && *answer == Flow::pause) return paused();
      return answer;
    };
  }

  Request request_;
  CallOptions options_;
  Call call_;
  std::promise<Exchange> done_;
};

}  // namespace

struct BlockingClient::Impl {
  explicit Impl(const FinalizedClientConfig& config);
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl();

  const std::uint32_t generation = fork_generation();
  std::unique_ptr<Client> client;  // lives on the thread, which has ended when this is destroyed
  const std::unique_ptr<LoopThread> thread = make_quiet_loop_thread();
};

BlockingClient::Impl::Impl(const FinalizedClientConfig& config) {
  std::promise<void> made;
  const std::future<void> is_made = made.get_future();
  thread->loop().post([this, &config, told = std::move(made)]() mutable {
    client = std::make_unique<Client>(thread->loop(), config);
    told.set_value();
  });
  is_made.wait();
}

BlockingClient::Impl::~Impl() {
  thread->loop().post([this] {
    client->abort();
    client.reset();
  });
}

BlockingClient::BlockingClient(const FinalizedClientConfig& config)
    : impl_(std::make_unique<Impl>(config)) {}

// In a child after fork there is no such thread to end: what the parent has is left alone.
BlockingClient::~BlockingClient() {
  if (impl_->generation != fork_generation()) static_cast<void>(impl_.release());
}

Exchange BlockingClient::fetch(Request request, CallOptions options) {
  if (impl_->generation != fork_generation()) {
    Exchange exchange;
    exchange.timeline.started = now();
    exchange.error = client_closed("the client was made before this process was forked");
    exchange.timeline.error = exchange.error;
    return exchange;
  }
  Loop& loop = impl_->thread->loop();
  XTRACE_ASSERT(!loop.is_loop_thread());
  Waited waited(std::move(request), std::move(options));
  std::future<Exchange> result = waited.result();
  loop.post([impl = impl_.get(), &waited] { waited.start(*impl->client); });
  return result.get();
}

PoolStats BlockingClient::pool_stats() const {
  return impl_->client->pool_stats();
}

Exchange fetch(LoopThread& thread, Client& client, Request request, CallOptions options) {
  XTRACE_ASSERT(!thread.loop().is_loop_thread());
  Waited waited(std::move(request), std::move(options));
  std::future<Exchange> result = waited.result();
  thread.loop().post([&client, &waited] { waited.start(client); });
  return result.get();
}

}  // namespace xtrace
