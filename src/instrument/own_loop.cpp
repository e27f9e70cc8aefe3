#include "instrument/own_loop.h"

#include <string>

#include <xtrace/address.h>

#include "base/system_reason.h"

namespace xtrace {

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
