#include "instrument/own_loop.h"

#include <string>

#include <signal.h>

#include <xtrace/address.h>

#include "base/system_reason.h"

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

Error no_thread(const DaemonEndpoint& peer, const std::system_error& failure) {
  std::string message = "start a thread for ";
  message += peer.to_string();
  message += ": ";
  message += system_reason(failure.code().value());
  return {Error::Code::emit_failed, Phase::none, std::move(message)};
}

void end_loop_thread(std::unique_ptr<LoopThread> thread, const DaemonEndpoint& peer) {
  if (Address::from_ip(peer.host, peer.port).has_value()) return thread.reset();
  try {
    std::thread([ending = std::move(thread)]() mutable { ending.reset(); }).detach();
  } catch (const std::system_error&) {
    // The closure has ended it, and waited.
  }
}

}  // namespace xtrace
