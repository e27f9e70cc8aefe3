#include "collect/forward_queue.h"

#include <utility>

#include "collect/heap_bytes.h"

namespace xtrace::collect {

void ForwardQueue::push(std::string_view document) {
  bytes_ += weight_of(document);
  documents_.emplace_back(document);
  while (bytes_ > most_bytes_ && !documents_.empty()) {
    static_cast<void>(pop());
    ++dropped_;
  }
}

std::string ForwardQueue::pop() {
  std::string document = std::move(documents_.front());
  documents_.pop_front();
  bytes_ -= weight_of(document);
  return document;
}

std::size_t ForwardQueue::clear() {
  const std::size_t count = documents_.size();
  documents_.clear();
  bytes_ = 0;
  return count;
}

std::size_t ForwardQueue::weight_of(std::string_view document) {
  return sizeof(std::string) + heap_bytes(document.size() + 1);
}

}  // namespace xtrace::collect
