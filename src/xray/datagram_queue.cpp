#include "xray/datagram_queue.h"

namespace xtrace {

std::size_t DatagramQueue::push(std::string_view header, std::string_view document) {
  compact();
  buffer_ += header;
  buffer_ += document;
  sizes_.push_back(static_cast<std::uint32_t>(header.size() + document.size()));
  std::size_t gone = 0;
  for (; bytes() > max_bytes_ && size() > 1; ++gone) pop(1);
  return gone;
}

void DatagramQueue::pop(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) begin_ += sizes_[first_ + i];
  first_ += count;
}

// Moves what is left to the front once more than half of the buffer is behind it, so that each byte
// moves at most once.
void DatagramQueue::compact() {
  if (begin_ * 2 < buffer_.size()) return;
  buffer_.erase(0, begin_);
  sizes_.erase(sizes_.begin(), sizes_.begin() + static_cast<std::ptrdiff_t>(first_));
  begin_ = 0;
  first_ = 0;
}

}  // namespace xtrace
