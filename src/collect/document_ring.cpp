#include "collect/document_ring.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace xtrace::collect {

namespace {

constexpr std::size_t kLeastBytes = std::size_t{1} << 19U;
constexpr std::size_t kHead = 16;
// An idle ring begins anew behind so many bytes: what was used last is in the cache, and memory
// that a flood needed once is not visited for the sake of turning round.
constexpr std::size_t kHome = std::size_t{1} << 18U;

constexpr std::size_t record_bytes(std::size_t document) {
  return (kHead + document + kHead - 1) / kHead * kHead;
}

}  // namespace

DocumentRing::DocumentRing(std::size_t bytes)
    : size_(std::bit_ceil(std::max(bytes, kLeastBytes))),
      memory_(std::make_unique_for_overwrite<char[]>(size_)) {}

bool DocumentRing::push(std::string_view document, WallTime received) {
  const std::size_t bytes = record_bytes(document.size());
  std::size_t at = next_push_ & (size_ - 1);
  const std::size_t behind = size_ - at;
  if (behind < bytes) {
    if (!has_room(behind + bytes)) return false;
    skip_to_begin();
    at = 0;
  } else if (!has_room(bytes)) {
    return false;
  } else if (at > kHome && is_drained()) {
    skip_to_begin();
    at = 0;
  }
  write(at, {.size = static_cast<std::uint32_t>(document.size()),
             .received = received.time_since_epoch().count()});
  std::memcpy(memory_.get() + at + kHead, document.data(), document.size());
  next_push_ += bytes;
  return true;
}

bool DocumentRing::has_room(std::size_t bytes) {
  if (next_push_ + bytes - seen_taken_ <= size_) return true;
  seen_taken_ = taken_.load();
  return next_push_ + bytes - seen_taken_ <= size_;
}

bool DocumentRing::is_drained() {
  seen_taken_ = taken_.load();
  return seen_taken_ == next_push_;
}

void DocumentRing::skip_to_begin() {
  const std::size_t at = next_push_ & (size_ - 1);
  write(at, {.size = kSkip});
  next_push_ += size_ - at;
}

void DocumentRing::write(std::size_t at, const Head& head) {
  static_assert(sizeof head == kHead);
  std::memcpy(memory_.get() + at, &head, sizeof head);
}

void DocumentRing::publish() {
  pushed_.store(next_push_, std::memory_order_release);
}

bool DocumentRing::is_empty() {
  if (next_take_ == seen_pushed_) seen_pushed_ = pushed_.load(std::memory_order_acquire);
  return next_take_ == seen_pushed_;
}

bool DocumentRing::take(Record& record) {
  while (!is_empty()) {
    const std::size_t at = next_take_ & (size_ - 1);
    Head head;
    std::memcpy(&head, memory_.get() + at, sizeof head);
    if (head.size == kSkip) {
      next_take_ += size_ - at;
      continue;
    }
    record.document = {memory_.get() + at + kHead, head.size};
    record.received = WallTime(WallTime::duration(head.received));
    next_take_ += record_bytes(head.size);
    return true;
  }
  return false;
}

bool DocumentRing::retire() {
  taken_.store(next_take_);
  return wants_room_.load() && wants_room_.exchange(false);
}

}  // namespace xtrace::collect
