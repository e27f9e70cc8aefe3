#pragma once

/// Lets one message of a kind through in a second, and counts the others.

#include <atomic>
#include <cstdint>
#include <optional>

#include <xtrace/clock.h>

namespace xtrace {

class LogLimit {
 public:
  /// Nothing where the message is to be kept back, else how many were since the last one. From any
  /// thread.
  std::optional<std::uint64_t> pass(Tick now);

 private:
  std::atomic<Tick::rep> next_{0};
  std::atomic<std::uint64_t> kept_back_{0};
};

}  // namespace xtrace
