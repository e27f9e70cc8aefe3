#pragma once

/// A `LoopThread` in somebody else's process: it takes none of its signals, so that the host's
/// handlers run where the host expects them.

#include <memory>

#include <xtrace/loop.h>

namespace xtrace {

/// Throws what `std::thread` does where no thread can be started.
std::unique_ptr<LoopThread> make_quiet_loop_thread();

}  // namespace xtrace
