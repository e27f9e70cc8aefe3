#include "loop/quiet_loop_thread.h"

#include <signal.h>

namespace xtrace {

namespace {

/// Blocks all signals in this thread, and so in those that it starts.
class DeafToSignals {
 public:
  DeafToSignals() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  DeafToSignals(const DeafToSignals&) = delete;
  DeafToSignals& operator=(const DeafToSignals&) = delete;
  ~DeafToSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace

std::unique_ptr<LoopThread> make_quiet_loop_thread() {
  const DeafToSignals deaf;
  return std::make_unique<LoopThread>();
}

}  // namespace xtrace
