#include "client/plan_core.h"

#include <utility>

#include "loop/timer.h"

namespace xtrace {

namespace {

// Each begins a call, which may dial: as in ClientCore.
constexpr int kMostBegunAtOnce = 64;

}  // namespace

PlanCore::PlanCore(Client& its_client, PlanClientConfig with)
    : client(its_client),
      calls(its_client.core()),
      config(std::move(with)),
      next_turn_(calls.loop) {}

PlanCore::~PlanCore() = default;

std::unique_ptr<ExecutionState> PlanCore::take() {
  if (unused_.empty()) return std::make_unique<ExecutionState>(*this);
  std::unique_ptr<ExecutionState> state = std::move(unused_.back());
  unused_.pop_back();
  return state;
}

void PlanCore::give_back(std::unique_ptr<ExecutionState> state) {
  unused_.push_back(std::move(state));
}

void PlanCore::begin_later(ExecutionState& state) {
  fresh_.push_back(state);
  if (!next_turn_.is_pending()) next_turn_.call([this] { begin_waiting(); });
}

// Those that are started meanwhile wait for the turn after this one.
void PlanCore::begin_waiting() {
  const std::weak_ptr<const bool> life = life_;
  for (int i = 0; i < kMostBegunAtOnce && !fresh_.empty(); ++i)
    beginning_.push_back(*fresh_.front());
  if (!fresh_.empty()) next_turn_.call([this] { begin_waiting(); });
  while (ExecutionState* state = beginning_.front()) {
    state->unlink();
    state->begin();
    if (life.expired()) return;
  }
}

// A plan that is run again and again has the same bucket each time: the weak reference keeps its
// address from being another's.
const std::string& PlanCore::bucket_of(const Execution& execution) {
  const bool is_same = !bucket_plan_.owner_before(execution.plan) &&
                       !execution.plan.owner_before(bucket_plan_) && !bucket_.empty();
  if (is_same && !config.bucket) return bucket_;
  bucket_plan_ = execution.plan;
  bucket_.clear();
  if (config.bucket) {
    config.bucket(execution, bucket_);
  } else if (!execution.plan->target_id.empty()) {
    bucket_ = execution.plan->target_id;
  } else {
    const Url& url = execution.plan->request.url;
    bucket_.append(url.is_https() ? "https://" : "http://").append(url.host_port());
  }
  return bucket_;
}

bool PlanCore::is_breaker_closed(const Execution& execution) {
  return config.breakers == nullptr ||
         config.breakers->is_closed(bucket_of(execution), execution.present);
}

bool PlanCore::allows_retry(bool is_retry_already) const {
  return config.budget.allows(stats.retries - (is_retry_already ? 1 : 0), stats.executions);
}

}  // namespace xtrace
