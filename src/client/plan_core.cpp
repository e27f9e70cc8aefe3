#include "client/plan_core.h"

#include <utility>

#include "loop/timer.h"

namespace xtrace {

namespace {

// Each begins a call, which may dial: as in ClientCore.
constexpr int kMostPlansBegun = 64;

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
  for (int i = 0; i < kMostPlansBegun && !fresh_.empty(); ++i)
    beginning_.push_back(*fresh_.front());
  if (!fresh_.empty()) next_turn_.call([this] { begin_waiting(); });
  while (ExecutionState* state = beginning_.front()) {
    state->unlink();
    state->begin();
    if (life.expired()) return;
  }
}

const std::string& PlanCore::bucket_of(const Execution& execution) {
  const Plan& plan = *execution.plan;
  if (!config.bucket) return plan.target_id.empty() ? origin_of(plan.request.url) : plan.target_id;
  bucket_.clear();
  config.bucket(execution, bucket_);
  return bucket_;
}

// Most plans ask whom the one before asked. Not known by the plan itself: between two runs it may
// be changed, and several may share their ownership.
const std::string& PlanCore::origin_of(const Url& url) {
  const bool is_known = bucket_port_ == url.port() && bucket_host_ == url.host() &&
                        bucket_is_https_ == url.is_https() && !bucket_.empty();
  if (is_known) return bucket_;
  bucket_host_ = url.host();
  bucket_port_ = url.port();
  bucket_is_https_ = url.is_https();
  bucket_.assign(url.is_https() ? "https://" : "http://").append(url.host_port());
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
