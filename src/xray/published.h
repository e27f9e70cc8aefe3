#pragma once

/// `Published<T>` shows an immutable value to any number of threads and replaces it under their
/// eyes: a reader takes no lock, waits for nobody, and keeps what it sees for as long as its
/// `Reading` lives. Unlike a lock, it survives a `fork` in the middle of anything.
///
/// Values that were replaced are kept until a moment when nobody reads, which the writer looks for
/// whenever it publishes or collects. There is one writer at a time.

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace xtrace {

template <class T>
class Published {
 public:
  class Reading {
   public:
    // The order matters: who counts as a reader before it looks is seen by the writer, or sees the
    // new value.
    explicit Reading(const Published& from) : readers_(from.readers_) {
      readers_.fetch_add(1, std::memory_order_seq_cst);
      value_ = from.value_.load(std::memory_order_seq_cst);
    }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;
    ~Reading() { readers_.fetch_sub(1, std::memory_order_release); }

    /// Null before anything was published.
    const T* get() const { return value_; }

   private:
    std::atomic<std::uint32_t>& readers_;
    const T* value_;
  };

  Published() = default;
  Published(const Published&) = delete;
  Published& operator=(const Published&) = delete;
  ~Published() = default;

  Reading read() const { return Reading(*this); }

  /// For the writer alone.
  const T* current() const { return owned_.get(); }

  void publish(std::unique_ptr<const T> value) {
    value_.store(value.get(), std::memory_order_seq_cst);
    if (owned_ != nullptr) retired_.push_back(std::move(owned_));
    owned_ = std::move(value);
    collect();
  }

  /// Frees what was replaced, if nobody reads just now.
  void collect() {
    if (readers_.load(std::memory_order_seq_cst) == 0) retired_.clear();
  }

 private:
  mutable std::atomic<std::uint32_t> readers_{0};
  std::atomic<const T*> value_{nullptr};
  std::unique_ptr<const T> owned_;
  std::vector<std::unique_ptr<const T>> retired_;
};

}  // namespace xtrace
