#include "instrument/own_loop.h"

#include <signal.h>

#include <xtrace/address.h>

namespace xtrace {

std::unique_ptr<LoopThread> make_quiet_loop_thread() {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);  // a new thread inherits it
  auto thread = std::make_unique<LoopThread>();
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

void end_loop_thread(std::unique_ptr<LoopThread> thread, const DaemonEndpoint& peer) {
  if (Address::from_ip(peer.host, peer.port).has_value()) return thread.reset();
  std::thread([ending = std::move(thread)]() mutable { ending.reset(); }).detach();
}

}  // namespace xtrace
