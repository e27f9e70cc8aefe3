#include "microservices/stop_requests.h"

#include <pthread.h>

namespace xtrace::examples {

namespace {

// Sent to the waiting thread alone, to end it.
constexpr int kEnding = SIGUSR2;

bool is_ignored(int signal) {
  struct sigaction action {};
  sigaction(signal, nullptr, &action);
  return action.sa_handler == SIG_IGN;
}

}  // namespace

StopRequests::StopRequests(Loop& loop) {
  sigemptyset(&taken_);
  sigaddset(&taken_, kEnding);
  for (const int signal : {SIGINT, SIGTERM}) {
    if (!is_ignored(signal)) sigaddset(&taken_, signal);
  }
  pthread_sigmask(SIG_BLOCK, &taken_, &mask_before_);
  waiting_ = std::thread([this, &loop] { wait_for_all(loop); });
}

StopRequests::~StopRequests() {
  is_ending_ = true;
  pthread_kill(waiting_.native_handle(), kEnding);
  waiting_.join();
  pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

void StopRequests::wait_for_all(Loop& loop) {
  while (!is_ending_) {
    int signal = 0;
    if (sigwait(&taken_, &signal) != 0 || signal == kEnding) continue;
    signal_ = signal;
    ++count_;
    loop.post([] {});
  }
}

}  // namespace xtrace::examples
