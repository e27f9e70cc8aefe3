#pragma once

/// The datagrams that wait for the kernel, oldest first, in one buffer that is used again and
/// again.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace xtrace {

class DatagramQueue {
 public:
  explicit DatagramQueue(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  /// Appends the header line and the document as one datagram, and lets the oldest go while the
  /// queue is larger than it may be; the newest always stays. Returns how many went.
  std::size_t push(std::string_view header, std::string_view document);
  void pop(std::size_t count);

  bool is_empty() const { return first_ == sizes_.size(); }
  std::size_t size() const { return sizes_.size() - first_; }
  std::size_t bytes() const { return buffer_.size() - begin_; }
  /// The first `count` datagrams, one after the other from `data()` on, each of `size_at(i)` bytes.
  char* data() { return buffer_.data() + begin_; }
  std::size_t size_at(std::size_t index) const { return sizes_[first_ + index]; }

 private:
  void compact();

  std::size_t max_bytes_;
  std::string buffer_;
  std::vector<std::uint32_t> sizes_;
  std::size_t begin_ = 0;  // of the first datagram in buffer_
  std::size_t first_ = 0;  // its index in sizes_
};

}  // namespace xtrace
