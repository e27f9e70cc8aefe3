#pragma once

/// What the programs of tools/bench share: clocks, a core to stay on, and the order to begin.

#include <cstddef>
#include <cstdint>
#include <functional>

namespace xtrace::bench {

std::int64_t steady_nanoseconds();
/// CPU time of the whole process, all threads.
std::int64_t cpu_nanoseconds();

/// This thread and those it starts; does nothing where the core is not there.
void stay_on_core(unsigned core);

/// Ends the program with a sentence where the claim is false.
void require(bool claim, const char* deed);

struct Done {
  std::size_t count = 0;
  std::int64_t idle_cpu = 0;  ///< Nanoseconds of CPU time that were no work.
};

/// Prints `ready`, waits for a line on stdin, works, and prints when the work began and ended on
/// the steady clock, its CPU time in nanoseconds and its count; all over again until stdin ends.
void work_on_order(const std::function<Done()>& work);

}  // namespace xtrace::bench
