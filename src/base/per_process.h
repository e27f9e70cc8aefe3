#pragma once

/// `PerProcess<T>` holds one `T` for each process that uses it: a child after `fork` gets one of
/// its own, made when it first asks.
///
/// What the parent had is never touched in the child, not even to destroy it: its locks may be held
/// and its threads be waited for by threads that the child does not have. `get` and `find` may be
/// called from any thread, take no lock, and cost two loads.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "base/fork.h"

namespace xtrace {

template <class T>
class PerProcess {
 public:
  /// `make` may be called by several threads of a child at once; one result is kept.
  explicit PerProcess(std::function<std::unique_ptr<T>()> make) : make_(std::move(make)) {
    slot_.store(new Slot{fork_generation(), make_()}, std::memory_order_release);
  }
  PerProcess(const PerProcess&) = delete;
  PerProcess& operator=(const PerProcess&) = delete;
  ~PerProcess() {
    Slot* slot = slot_.load(std::memory_order_acquire);
    if (slot->generation == fork_generation()) delete slot;
  }

  T& get() {
    Slot* slot = slot_.load(std::memory_order_acquire);
    const std::uint32_t generation = fork_generation();
    while (slot->generation != generation) {
      auto made = std::make_unique<Slot>(Slot{generation, make_()});
      if (slot_.compare_exchange_strong(slot, made.get(), std::memory_order_acq_rel)) {
        slot = made.release();
      }
    }
    return *slot->object;
  }

  /// This process's, or null where it has not asked for one.
  T* find() const {
    const Slot* slot = slot_.load(std::memory_order_acquire);
    return slot->generation == fork_generation() ? slot->object.get() : nullptr;
  }

 private:
  struct Slot {
    std::uint32_t generation;
    std::unique_ptr<T> object;
  };

  std::function<std::unique_ptr<T>()> make_;
  std::atomic<Slot*> slot_{nullptr};
};

}  // namespace xtrace
