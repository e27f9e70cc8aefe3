#pragma once

/// `TextBlock` owns the text of a document and nothing more.
///
/// A large one is mapped by itself, so that the system has it back the moment it goes. glibc keeps
/// freed blocks of up to 32 MB for the next, and where their sizes differ a store of large
/// documents would take twice its limit.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace xtrace::collect {

class TextBlock {
 public:
  explicit TextBlock(std::string_view text);
  TextBlock(const TextBlock&) = delete;
  TextBlock& operator=(const TextBlock&) = delete;
  TextBlock(TextBlock&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  TextBlock& operator=(TextBlock&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~TextBlock();

  std::string_view view() const { return {data_, size_}; }
  /// What it takes of memory.
  std::size_t bytes() const;

 private:
  bool is_mapped() const;

  char* data_ = nullptr;
  std::uint32_t size_ = 0;
};

}  // namespace xtrace::collect
