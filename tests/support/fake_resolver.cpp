#include "support/fake_resolver.h"

#include <utility>

#include "loop/timer.h"
#include "net/next_turn.h"

namespace xtrace::testing {

namespace {

class FakeLookup final : public Lookup {
 public:
  FakeLookup(FakeResolver& resolver, ResolveRequest request,
             Callback<void(Expected<Resolved>)> on_done)
      : resolver_(resolver),
        request_(std::move(request)),
        on_done_(std::move(on_done)),
        timer_(resolver.loop),
        next_turn_(resolver.loop) {
    ++resolver_.in_flight;
    submitted_ = std::chrono::steady_clock::now();
    after(resolver_.queue_time, [this] { start(); });
  }
  ~FakeLookup() override { --resolver_.in_flight; }

  Tick submitted_at() const override { return submitted_; }
  Tick started_at() const override { return started_; }
  Tick finished_at() const override { return finished_; }

 private:
  void after(Duration delay, Callback<void()> step) {
    if (delay > Duration::zero()) {
      timer_.arm(delay, std::move(step));
    } else {
      next_turn_.call(std::move(step));
    }
  }

  void start() {
    started_ = std::chrono::steady_clock::now();
    if (resolver_.silent.contains(request_.host)) return;
    after(resolver_.lookup_time, [this] { finish(); });
  }

  void finish() {
    finished_ = std::chrono::steady_clock::now();
    auto on_done = std::move(on_done_);
    on_done(answer());
  }

  Expected<Resolved> answer() const {
    const auto found = resolver_.answers.find(request_.host);
    if (found == resolver_.answers.end()) {
      return Error{Error::Code::dns_not_found, Phase::dns,
                   "resolve " + request_.host + ": name or service not known (EAI_NONAME)"};
    }
    if (!found->second) return found->second;
    Resolved resolved{.addresses = {}, .coalesced = found->second->coalesced};
    for (const Address& address : found->second->addresses) {
      resolved.addresses.push_back(address.with_port(request_.port));
    }
    return resolved;
  }

  FakeResolver& resolver_;
  ResolveRequest request_;
  Callback<void(Expected<Resolved>)> on_done_;
  Timer timer_;
  NextTurn next_turn_;
  Tick submitted_{};
  Tick started_{};
  Tick finished_{};
};

}  // namespace

std::unique_ptr<Lookup> FakeResolver::resolve(const ResolveRequest& request,
                                              Callback<void(Expected<Resolved>)> on_done) {
  asked.push_back(request);
  return std::make_unique<FakeLookup>(*this, request, std::move(on_done));
}

}  // namespace xtrace::testing
