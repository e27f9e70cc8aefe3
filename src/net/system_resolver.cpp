#include "net/system_resolver.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <utility>

#include <uv.h>

#include "base/assert.h"

namespace xtrace {

namespace {

constexpr std::ptrdiff_t kMostRunning = 2;

Tick load_tick(const std::atomic<Tick::rep>& ticks) {
  return Tick(Tick::duration(ticks.load(std::memory_order_acquire)));
}

void store_now(std::atomic<Tick::rep>& ticks) {
  ticks.store(std::chrono::steady_clock::now().time_since_epoch().count(),
              std::memory_order_release);
}

}  // namespace

// One getaddrinfo. While it is in the pool it owns itself; everything but `started` and `finished`
// belongs to the loop's thread, and `answer` to the worker until libuv hands the work back.
class SystemResolver::Job {
 public:
  enum class State { waiting, running, answered };

  Job(SystemResolver& resolver, ResolveRequest request)
      : resolver_(&resolver), request_(std::move(request)), look_up_(resolver.look_up_) {}

  static void start(const std::shared_ptr<Job>& job);
  void answer_all();
  /// libuv takes back what no thread has begun yet.
  void cancel() { uv_cancel(reinterpret_cast<uv_req_t*>(&work_)); }
  void forget_resolver();

  bool is_for(const ResolveRequest& request) const {
    return request_.host == request.host && request_.family == request.family;
  }

  State state = State::waiting;
  std::vector<PendingLookup*> lookups;
  std::atomic<Tick::rep> started{0};
  std::atomic<Tick::rep> finished{0};

 private:
  static void on_thread(uv_work_t* work) noexcept;
  static void after_thread(uv_work_t* work, int status) noexcept;

  SystemResolver* resolver_;  // null once that is gone
  ResolveRequest request_;
  NameLookup look_up_;
  std::optional<Expected<std::vector<Address>>> answer_;
  uv_work_t work_{};
  std::shared_ptr<Job> self_;  // set while libuv has `work_`
};

class SystemResolver::PendingLookup final : public Lookup {
 public:
  PendingLookup(SystemResolver& resolver, std::shared_ptr<Job> job, std::uint16_t port,
                Callback<void(Expected<Resolved>)> on_done)
      : resolver_(&resolver),
        job_(std::move(job)),
        port_(port),
        is_coalesced_(!job_->lookups.empty()),
        on_done_(std::move(on_done)) {
    job_->lookups.push_back(this);
  }

  PendingLookup(const PendingLookup&) = delete;
  PendingLookup& operator=(const PendingLookup&) = delete;
  ~PendingLookup() override {
    if (std::erase(job_->lookups, this) != 0) resolver_->on_lookup_gone(*job_);
  }

  Tick submitted_at() const override { return submitted_; }
  Tick started_at() const override { return not_before_submission(load_tick(job_->started)); }
  Tick finished_at() const override { return not_before_submission(load_tick(job_->finished)); }

  /// The lookup may be gone afterwards.
  void answer(const Expected<std::vector<Address>>& addresses) {
    auto on_done = std::move(on_done_);
    if (!addresses) return on_done(addresses.error());
    Resolved resolved{.addresses = {}, .coalesced = is_coalesced_};
    for (const Address& address : *addresses) {
      resolved.addresses.push_back(address.with_port(port_));
    }
    on_done(std::move(resolved));
  }

 private:
  // Who joins a lookup that is under way has waited for nothing, and for none of the time before.
  Tick not_before_submission(Tick tick) const {
    return tick == Tick{} ? tick : std::max(tick, submitted_);
  }

  SystemResolver* resolver_;
  std::shared_ptr<Job> job_;
  std::uint16_t port_;
  bool is_coalesced_;
  Tick submitted_ = std::chrono::steady_clock::now();
  Callback<void(Expected<Resolved>)> on_done_;
};

SystemResolver::SystemResolver(Loop& loop, NameLookup look_up)
    : loop_(loop), look_up_(std::move(look_up)) {}

SystemResolver::~SystemResolver() {
  for (const auto& job : jobs_) job->forget_resolver();
}

std::unique_ptr<Lookup> SystemResolver::resolve(const ResolveRequest& request,
                                                Callback<void(Expected<Resolved>)> on_done) {
  auto job = find_shareable(request);
  if (!job) job = jobs_.emplace_back(std::make_shared<Job>(*this, request));
  auto lookup = std::make_unique<PendingLookup>(*this, job, request.port, std::move(on_done));
  start_waiting_jobs();
  return lookup;
}

// A lookup that everybody gave up is not joined: who tries again wants a new question asked, not
// the old one waited for.
std::shared_ptr<SystemResolver::Job> SystemResolver::find_shareable(
    const ResolveRequest& request) const {
  const auto found = std::ranges::find_if(jobs_, [&request](const auto& job) {
    return job->state != Job::State::answered && !job->lookups.empty() && job->is_for(request);
  });
  return found == jobs_.end() ? nullptr : *found;
}

void SystemResolver::start_waiting_jobs() {
  auto running = std::ranges::count(jobs_, Job::State::running, &Job::state);
  for (const auto& job : jobs_) {
    if (running >= kMostRunning) return;
    if (job->state != Job::State::waiting) continue;
    Job::start(job);
    ++running;
  }
}

void SystemResolver::on_lookup_gone(Job& job) {
  if (!job.lookups.empty() || job.state == Job::State::answered) return;
  if (job.state == Job::State::running) {
    job.cancel();
  } else {
    std::erase_if(jobs_, [&job](const auto& other) { return other.get() == &job; });
  }
}

void SystemResolver::on_job_done(const std::shared_ptr<Job>& job) {
  start_waiting_jobs();
  job->answer_all();
}

void SystemResolver::Job::start(const std::shared_ptr<Job>& job) {
  job->state = State::running;
  job->self_ = job;
  job->work_.data = job.get();
  XTRACE_ASSERT(
      uv_queue_work(job->resolver_->loop_.handle(), &job->work_, on_thread, after_thread) == 0);
}

void SystemResolver::Job::on_thread(uv_work_t* work) noexcept {
  auto* self = static_cast<Job*>(work->data);
  store_now(self->started);
  self->answer_ = self->look_up_(self->request_);
  store_now(self->finished);
}

void SystemResolver::Job::after_thread(uv_work_t* work, int) noexcept {
  auto* self = static_cast<Job*>(work->data);
  const std::shared_ptr<Job> job = std::move(self->self_);
  job->state = State::answered;
  if (job->resolver_ == nullptr) return;
  job->resolver_->loop_.note_ready();
  job->resolver_->on_job_done(job);
}

// Any callback may destroy other lookups, or the resolver, which empties `lookups`.
void SystemResolver::Job::answer_all() {
  while (!lookups.empty()) {
    PendingLookup* next = lookups.front();
    lookups.erase(lookups.begin());
    next->answer(*answer_);
  }
  if (resolver_ != nullptr) {
    std::erase_if(resolver_->jobs_, [this](const auto& job) { return job.get() == this; });
  }
}

void SystemResolver::Job::forget_resolver() {
  resolver_ = nullptr;
  lookups.clear();
  if (state == State::running) cancel();
}

}  // namespace xtrace
