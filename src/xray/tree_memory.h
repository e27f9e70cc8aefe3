#pragma once

/// The memory of one segment tree: everything in it is placed one after the other, nothing is freed
/// alone, and all of it goes at once, so that a recycled tree records without allocating.
///
/// What lies in it is trivially destructible: texts and lists are the two below.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <memory_resource>
#include <optional>
#include <string_view>
#include <type_traits>

namespace xtrace {

class TreeMemory {
 public:
  TreeMemory() : block_(std::make_unique<std::byte[]>(kFirstBlock)), block_size_(kFirstBlock) {
    renew();
  }
  TreeMemory(const TreeMemory&) = delete;
  TreeMemory& operator=(const TreeMemory&) = delete;
  ~TreeMemory() = default;

  template <class T>
  T& make() {
    static_assert(std::is_trivially_destructible_v<T>);
    is_fresh_ = false;
    return *new (resource_->allocate(sizeof(T), alignof(T))) T{};
  }
  char* make_text(std::size_t size) {
    is_fresh_ = false;
    return static_cast<char*>(resource_->allocate(size, alignof(char)));
  }
  /// Forgets everything. The first block grows to what was needed this time, within reason.
  void reset() {
    if (is_fresh_) return;
    const std::size_t wanted = std::min(block_size_ + overflow_.bytes(), kLargestBlock);
    resource_.reset();
    if (wanted > block_size_) {
      block_ = std::make_unique<std::byte[]>(wanted);
      block_size_ = wanted;
    }
    renew();
  }

 private:
  /// The heap, with a count of what was taken from it.
  class Overflow final : public std::pmr::memory_resource {
   public:
    std::size_t bytes() const { return bytes_; }
    void clear() { bytes_ = 0; }

   private:
    void* do_allocate(std::size_t size, std::size_t alignment) override {
      bytes_ += size;
      return std::pmr::new_delete_resource()->allocate(size, alignment);
    }
    void do_deallocate(void* memory, std::size_t size, std::size_t alignment) override {
      std::pmr::new_delete_resource()->deallocate(memory, size, alignment);
    }
    bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
      return this == &other;
    }

    std::size_t bytes_ = 0;
  };

  static constexpr std::size_t kFirstBlock = 4096;
  static constexpr std::size_t kLargestBlock = std::size_t{64} << 10U;

  void renew() {
    is_fresh_ = true;
    overflow_.clear();
    resource_.emplace(block_.get(), block_size_, &overflow_);
  }

  std::unique_ptr<std::byte[]> block_;
  std::size_t block_size_;
  bool is_fresh_ = true;  // nothing was placed yet
  Overflow overflow_{};
  std::optional<std::pmr::monotonic_buffer_resource> resource_{};
};

/// A text in a tree's memory. A new value takes the place of the old one where it fits there, and
/// at least doubles it where not: what is rewritten for ever takes no more than four times its
/// largest size.
struct Text {
  char* data = nullptr;
  std::uint32_t size = 0;
  std::uint32_t capacity = 0;

  std::string_view view() const { return {data, size}; }
  bool is_empty() const { return size == 0; }

  void assign(TreeMemory& memory, std::string_view text) {
    text = text.substr(0, std::numeric_limits<std::uint32_t>::max() / 2);
    if (text.size() > capacity) {
      const std::size_t wanted = std::max(text.size(), std::size_t{capacity} * 2);
      data = memory.make_text(wanted);
      capacity = static_cast<std::uint32_t>(wanted);
    }
    size = static_cast<std::uint32_t>(text.size());
    if (size > 0) std::memcpy(data, text.data(), size);
  }
};

/// A list of `T`, linked by their `next`, in the order of appending.
template <class T>
struct List {
  T* first = nullptr;
  T* last = nullptr;

  struct Iterator {
    T* element;
    T& operator*() const { return *element; }
    Iterator& operator++() {
      element = element->next;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return element != other.element; }
  };

  Iterator begin() const { return {first}; }
  Iterator end() const { return {nullptr}; }
  bool is_empty() const { return first == nullptr; }

  T& append(TreeMemory& memory) {
    T& element = memory.make<T>();
    (last == nullptr ? first : last->next) = &element;
    last = &element;
    return element;
  }
};

}  // namespace xtrace
