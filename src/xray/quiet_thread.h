#pragma once

/// A thread of the library's own in somebody else's process: it takes none of its signals.

#include <pthread.h>

namespace xtrace {

/// pthread_create(3) with all signals blocked in the new thread. Returns its error, or 0. The
/// handle is a plain one since that of a thread that a fork left behind must be forgotten, which
/// `std::thread` does not allow.
int start_quiet_thread(pthread_t& thread, void* (*body)(void*), void* argument);

}  // namespace xtrace
