#pragma once

/// `Descriptor` owns a file descriptor and closes it.

#include <utility>

#include <unistd.h>

namespace xtrace {

class Descriptor {
 public:
  static constexpr int kNone = -1;

  Descriptor() = default;
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, kNone)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Descriptor() {
    if (value_ != kNone) close(value_);
  }

  bool is_open() const { return value_ != kNone; }
  int get() const { return value_; }

 private:
  int value_ = kNone;
};

}  // namespace xtrace
