#pragma once

/// How often this process came out of a `fork`, so that what belongs to one process (generators,
/// sockets, threads) is made anew in a child.

#include <cstdint>

namespace xtrace {

/// Grows by one in every child, beginning at 1. From any thread; costs one load. The first call of
/// a process registers the handler that counts: call it once where the thing that a fork concerns
/// is made.
std::uint32_t fork_generation();

}  // namespace xtrace
