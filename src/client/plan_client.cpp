#include <future>
#include <utility>

#include <xtrace/plan_client.h>

#include "base/assert.h"
#include "client/execution_state.h"
#include "client/plan_core.h"

namespace xtrace {

struct PlanClient::Impl {
  Impl(Client& client, PlanClientConfig config) : core(client, std::move(config)) {}

  PlanCore core;
};

PlanClient::PlanClient(Client& client, PlanClientConfig config)
    : impl_(std::make_unique<Impl>(client, std::move(config))) {}

PlanClient::~PlanClient() = default;

PlanCall PlanClient::execute(std::shared_ptr<const Plan> plan, ExecuteOptions options,
                             OnDone on_done) {
  std::unique_ptr<ExecutionState> state = impl_->core.take();
  state->prepare(std::move(plan), std::move(options), std::move(on_done));
  impl_->core.begin_later(*state);
  return PlanCall(std::move(state));
}

PlanCall PlanClient::execute(std::shared_ptr<const Plan> plan, OnDone on_done) {
  return execute(std::move(plan), {}, std::move(on_done));
}

PlanCall PlanClient::execute(Plan plan, OnDone on_done) {
  return execute(std::make_shared<const Plan>(std::move(plan)), {}, std::move(on_done));
}

PlanStats PlanClient::stats() const {
  return impl_->core.stats;
}

const PlanClientConfig& PlanClient::config() const {
  return impl_->core.config;
}

Client& PlanClient::client() const {
  return impl_->core.client;
}

// -- PlanCall -------------------------------------------------------------------------------------

PlanCall::PlanCall() = default;
PlanCall::PlanCall(PlanCall&& other) noexcept = default;

PlanCall& PlanCall::operator=(PlanCall&& other) noexcept {
  if (this != &other) {
    give_up();
    state_ = std::move(other.state_);
  }
  return *this;
}

PlanCall::~PlanCall() {
  give_up();
}

PlanCall::PlanCall(std::unique_ptr<ExecutionState> state) : state_(std::move(state)) {}

Execution PlanCall::abort() {
  XTRACE_ASSERT(is_running());
  Execution execution = state_->abort();
  give_up();
  return execution;
}

void PlanCall::resume() {
  if (state_ != nullptr) state_->resume();
}

bool PlanCall::is_running() const {
  return state_ != nullptr && state_->is_running();
}

void PlanCall::give_up() {
  if (state_ == nullptr) return;
  ExecutionState& state = *state_;
  state.drop(std::move(state_));
}

// -- waiting --------------------------------------------------------------------------------------

Execution fetch(LoopThread& thread, PlanClient& plans, std::shared_ptr<const Plan> plan) {
  XTRACE_ASSERT(!thread.loop().is_loop_thread());
  PlanCall call;
  std::promise<Execution> done;
  std::future<Execution> result = done.get_future();
  thread.loop().post([&plans, &plan, &call, &done] {
    call = plans.execute(std::move(plan), [&call, &done](Execution& execution) {
      // What waits may destroy both as soon as it has its value.
      Execution ended = std::move(execution);
      std::promise<Execution> told = std::move(done);
      call = PlanCall();
      told.set_value(std::move(ended));
    });
  });
  return result.get();
}

}  // namespace xtrace
