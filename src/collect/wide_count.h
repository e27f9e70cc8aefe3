#pragma once

/// `WideCount` makes a count that the kernel keeps modulo 2^32 a whole one.

#include <cstdint>

namespace xtrace::collect {

class WideCount {
 public:
  /// What the kernel says now. What it said earlier may come later, and changes nothing.
  void see(std::uint32_t now) {
    const auto step = static_cast<std::int32_t>(now - static_cast<std::uint32_t>(value_));
    if (step > 0) value_ += static_cast<std::uint64_t>(step);
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0;
};

}  // namespace xtrace::collect
