#include "xray/datagram_queue.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"

namespace xtrace {

namespace {

constexpr std::size_t kFirstRecords = 64;

}  // namespace

std::size_t DatagramQueue::push(std::string_view header, std::string_view document, Tick since) {
  const std::size_t whole = header.size() + document.size();
  char* const data = reserve(whole);
  std::memcpy(data, header.data(), header.size());
  std::memcpy(data + header.size(), document.data(), document.size());
  if (count_ == records_.size()) grow();
  at(count_++) = {data, static_cast<std::uint32_t>(whole), tail_, since};
  bytes_ += whole;
  std::size_t gone = 0;
  for (; bytes_ > max_bytes_ && size() - claimed_ > 1; ++gone) drop_oldest_unclaimed();
  return gone;
}

std::size_t DatagramQueue::claim(std::span<std::string_view> into, std::size_t most_bytes) {
  XTRACE_ASSERT(claimed_ == 0);
  const std::size_t most = std::min(into.size(), count_);
  std::size_t total = 0;
  for (; claimed_ < most; ++claimed_) {
    const Record& record = at(claimed_);
    total += record.size;
    if (claimed_ > 0 && total > most_bytes) break;
    into[claimed_] = {record.data, record.size};
  }
  return claimed_;
}

void DatagramQueue::release(std::size_t gone, std::size_t kept) {
  XTRACE_ASSERT(gone + kept <= claimed_);
  for (std::size_t i = 0; i < gone; ++i) forget(at(i));
  begin_ = (begin_ + gone) & (records_.size() - 1);
  count_ -= gone;
  claimed_ -= gone;
  close_gap(claimed_);
  claimed_ = kept;
}

void DatagramQueue::pop() {
  XTRACE_ASSERT(claimed_ == 0 && count_ > 0);
  forget(at(0));
  begin_ = (begin_ + 1) & (records_.size() - 1);
  --count_;
}

void DatagramQueue::clear() {
  release(0);
  while (count_ > 0) pop();
}

/// Finds the room for a datagram, in the block that is being filled, or in an empty one.
char* DatagramQueue::reserve(std::size_t size) {
  XTRACE_ASSERT(size <= kBlockSize);
  if (tail_ == nullptr || tail_->used + size > kBlockSize) {
    if (free_.empty()) {
      blocks_.push_back(std::make_unique<Block>());
      blocks_.back()->memory.reset(new char[kBlockSize]);
      free_.reserve(blocks_.capacity());
      free_.push_back(blocks_.back().get());
    }
    tail_ = free_.back();
    free_.pop_back();
  }
  char* const data = tail_->memory.get() + tail_->used;
  tail_->used += size;
  ++tail_->live;
  return data;
}

void DatagramQueue::grow() {
  std::vector<Record> larger(std::max(kFirstRecords, records_.size() * 2));
  for (std::size_t i = 0; i < count_; ++i) larger[i] = at(i);
  records_.swap(larger);
  begin_ = 0;
}

void DatagramQueue::forget(const Record& record) {
  bytes_ -= record.size;
  Block& block = *record.block;
  if (--block.live > 0) return;
  block.used = 0;
  if (&block != tail_) free_.push_back(&block);
}

void DatagramQueue::drop_oldest_unclaimed() {
  forget(at(claimed_ + gap_));
  if (claimed_ > 0) {
    ++gap_;
    return;
  }
  begin_ = (begin_ + 1) & (records_.size() - 1);
  --count_;
}

/// Moves the first `before` records over the places that are no longer taken.
void DatagramQueue::close_gap(std::size_t before) {
  if (gap_ == 0) return;
  for (std::size_t i = before; i > 0; --i) at(i - 1 + gap_) = at(i - 1);
  begin_ = (begin_ + gap_) & (records_.size() - 1);
  count_ -= gap_;
  gap_ = 0;
}

}  // namespace xtrace
