#pragma once

/// Counts what a piece of work allocates. Linking `dep_count_allocations` replaces the operators
/// new and delete of the whole program, so it belongs to executables of their own.

#include <cstddef>

namespace xtrace::testing {

/// Calls of operator new since the program started, on any thread.
std::size_t allocations();

template <class Work>
std::size_t allocations_of(Work work) {
  const std::size_t before = allocations();
  work();
  return allocations() - before;
}

}  // namespace xtrace::testing
