#include "collect/finish_watch.h"

#include <algorithm>
#include <utility>

namespace xtrace::collect {

namespace {

// How often the store is asked for news while some come.
constexpr std::chrono::milliseconds kLook{50};
// How long a look may take before others have their turn.
constexpr std::chrono::milliseconds kSlice{5};
// So many told traces are remembered beside those that the store holds.
constexpr std::size_t kSpareMemory = 1024;

}  // namespace

FinishWatch::FinishWatch(Loop& loop, FinishWatchConfig config, const TraceStore& store, Tell tell)
    : config_(std::move(config)), store_(store), tell_(std::move(tell)), timer_(loop) {}

FinishWatch::~FinishWatch() = default;

void FinishWatch::finish_all() {
  has_news_ = false;
  timer_.disarm();
  take_news();
  for (std::deque<Waiting>* queue : {&settling_, &patient_}) {
    while (!queue->empty()) {
      const Waiting waiting = queue->front();
      queue->pop_front();
      const StoredTrace* const trace = store_.find(waiting.id);
      if (trace == nullptr || trace->revision() != waiting.revision) continue;
      tell(*trace, store_.digest(*trace).is_complete);
    }
  }
}

void FinishWatch::wake() {
  has_news_ = true;
  timer_.arm(kLook, [this] { look(); });
}

void FinishWatch::look() {
  if (std::exchange(has_news_, false)) take_news();
  const Tick until = tick_now() + kSlice;
  const bool is_done = serve_settled(until) && serve_patient(until);
  forget_removed();
  if (has_news_) return;
  if (!is_done) return timer_.arm(std::chrono::milliseconds(1), [this] { look(); });
  sleep();
}

void FinishWatch::take_news() {
  const Tick due = clock_now() + config_.settle;
  const std::uint64_t seen = std::exchange(seen_, store_.revision());
  const auto known = static_cast<std::ptrdiff_t>(settling_.size());
  store_.visit_newest([&](const StoredTrace& trace) {
    if (trace.revision() <= seen) return false;
    settling_.push_back({.id = trace.id(), .revision = trace.revision(), .due = due});
    return true;
  });
  std::reverse(settling_.begin() + known, settling_.end());  // told in the order they came
}

bool FinishWatch::serve_settled(Tick until) {
  const Tick now = clock_now();
  while (!settling_.empty() && settling_.front().due <= now) {
    const Waiting waiting = settling_.front();
    settling_.pop_front();
    judge(waiting);
    if (tick_now() >= until) return false;
  }
  return true;
}

bool FinishWatch::serve_patient(Tick until) {
  const Tick now = clock_now();
  while (!patient_.empty() && patient_.front().due <= now) {
    const Waiting waiting = patient_.front();
    patient_.pop_front();
    const StoredTrace* const trace = store_.find(waiting.id);
    if (trace == nullptr || trace->revision() != waiting.revision) continue;
    tell(*trace, false);
    if (tick_now() >= until) return false;
  }
  return true;
}

void FinishWatch::judge(const Waiting& waiting) {
  const StoredTrace* const trace = store_.find(waiting.id);
  if (trace == nullptr || trace->revision() != waiting.revision) return;
  if (store_.digest(*trace).is_complete) return tell(*trace, true);
  store_.release(*trace);
  const Duration more = std::max(config_.patience - config_.settle, Duration::zero());
  patient_.push_back({waiting.id, waiting.revision, waiting.due + more});
}

void FinishWatch::tell(const StoredTrace& trace, bool is_complete) {
  const TraceId id = trace.id();
  const bool is_first = told_.insert(id).second;
  if (is_first) ++finished_;
  tell_(trace, store_.digest(trace), is_complete, !is_first);
  if (const StoredTrace* const still = store_.find(id)) store_.release(*still);
}

void FinishWatch::forget_removed() {
  if (told_.size() <= kSpareMemory) return;
  if (told_.size() <= 2 * store_.stats().traces + kSpareMemory) return;
  std::erase_if(told_, [this](const TraceId& id) { return store_.find(id) == nullptr; });
}

void FinishWatch::sleep() {
  Tick next = Tick::max();
  if (!settling_.empty()) next = settling_.front().due;
  if (!patient_.empty()) next = std::min(next, patient_.front().due);
  if (next == Tick::max()) return timer_.disarm();
  timer_.arm(std::max<Duration>(next - clock_now(), std::chrono::milliseconds(1)),
             [this] { look(); });
}

Tick FinishWatch::clock_now() const {
  return config_.clock ? config_.clock().tick : tick_now();
}

}  // namespace xtrace::collect
