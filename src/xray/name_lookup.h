#pragma once

/// A `NameLookup` is a lookup in progress, in a thread of its own that may take as long as it
/// likes: destroying the object cancels, and nobody waits for the thread.

#include <functional>
#include <memory>
#include <optional>

#include <xtrace/daemon_address.h>
#include <xtrace/expected.h>

#include "xray/connect_udp.h"

namespace xtrace {

class NameLookup {
 public:
  /// `on_done` runs once, in the lookup's thread, when `result()` is there; not after destruction.
  /// It must not touch this object, and who destroys that may not hold a lock `on_done` takes.
  NameLookup(LookUpHost look_up, DaemonEndpoint endpoint, std::function<void()> on_done);
  NameLookup(const NameLookup&) = delete;
  NameLookup& operator=(const NameLookup&) = delete;
  ~NameLookup();

  /// Once, when there is one.
  std::optional<Expected<UdpAddresses>> take_result();

  /// Around a fork, for the thread's sake (fork_watch.h). In a child the thread is gone.
  void lock();
  void unlock();

 private:
  struct Shared;

  static void* run(void* shared);

  std::shared_ptr<Shared> shared_;
};

}  // namespace xtrace
