#include "base/fork_watch.h"

#include <mutex>

#include <pthread.h>

#include "base/assert.h"

namespace xtrace {

/// All that watch, and the handlers of `fork` that tell them.
struct ForkWatchers {
  static void prepare();
  static void resume_parent();
  static void resume_child();

  static constinit std::mutex mutex;
  static constinit ForkWatch* first;
};

constinit std::mutex ForkWatchers::mutex;
constinit ForkWatch* ForkWatchers::first = nullptr;

void ForkWatchers::prepare() {
  mutex.lock();
  for (ForkWatch* at = first; at != nullptr; at = at->next_) at->before_fork();
}

void ForkWatchers::resume_parent() {
  for (ForkWatch* at = first; at != nullptr; at = at->next_) at->after_fork_in_parent();
  mutex.unlock();
}

void ForkWatchers::resume_child() {
  for (ForkWatch* at = first; at != nullptr; at = at->next_) at->after_fork_in_child();
  mutex.unlock();
}

ForkWatch::~ForkWatch() {
  XTRACE_ASSERT(!is_watching_);
}

void ForkWatch::begin_watching() {
  static const int registered = ::pthread_atfork(ForkWatchers::prepare, ForkWatchers::resume_parent,
                                                 ForkWatchers::resume_child);
  XTRACE_ASSERT(registered == 0);
  const std::scoped_lock lock{ForkWatchers::mutex};
  next_ = ForkWatchers::first;
  if (next_ != nullptr) next_->previous_ = this;
  ForkWatchers::first = this;
  is_watching_ = true;
}

void ForkWatch::end_watching() {
  const std::scoped_lock lock{ForkWatchers::mutex};
  (previous_ == nullptr ? ForkWatchers::first : previous_->next_) = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
  is_watching_ = false;
}

}  // namespace xtrace
