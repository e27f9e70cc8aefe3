#pragma once

/// The datagrams that wait for the kernel, oldest first, in blocks of memory that stay where they
/// are and are used again and again.
///
/// Who sends claims the first few and may read them without holding any lock while others push;
/// claimed datagrams are never let go of. One thread at a time calls, one at a time claims.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <xtrace/clock.h>

namespace xtrace {

class DatagramQueue {
 public:
  explicit DatagramQueue(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  /// Appends the header line and the document as one datagram, and lets the oldest that are not
  /// claimed go while the queue is larger than it may be; the newest always stays. Returns how many
  /// went. Both together fit a datagram (`kMaxDatagram`).
  std::size_t push(std::string_view header, std::string_view document, Tick since = {});

  /// Claims the first datagrams, as many as `into` has places and `most_bytes` allow, one at least.
  /// Nothing may be claimed already. The views hold until `release`.
  std::size_t claim(std::span<std::string_view> into, std::size_t most_bytes);
  /// The first `gone` of what is claimed leave the queue; the others wait again, all but the first
  /// `kept`, which stay claimed.
  void release(std::size_t gone, std::size_t kept = 0);
  /// Lets the first go, where nothing is claimed.
  void pop();
  /// Empties the queue, claims and all, and keeps its memory.
  void clear();

  bool is_empty() const { return size() == 0; }
  std::size_t size() const { return count_ - gap_; }
  std::size_t bytes() const { return bytes_; }
  std::size_t claimed() const { return claimed_; }
  /// What `push` was told of the first.
  Tick first_since() const { return records_[begin_].since; }

 private:
  // Two of the largest datagrams.
  static constexpr std::size_t kBlockSize = 128U << 10U;

  struct Block {
    std::unique_ptr<char[]> memory{};
    std::size_t used = 0;
    std::size_t live = 0;  // datagrams in it that are still queued
  };
  struct Record {
    const char* data = nullptr;
    std::uint32_t size = 0;
    Block* block = nullptr;
    Tick since{};
  };

  Record& at(std::size_t index) { return records_[(begin_ + index) & (records_.size() - 1)]; }
  char* reserve(std::size_t size);
  void grow();
  void forget(const Record& record);
  void drop_oldest_unclaimed();
  void close_gap(std::size_t before);

  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  // A ring; its size is a power of two. In order: what is claimed, the places of what was let go
  // of meanwhile, and what waits.
  std::vector<Record> records_{};
  std::size_t begin_ = 0;
  std::size_t count_ = 0;
  std::size_t claimed_ = 0;
  std::size_t gap_ = 0;
  std::vector<std::unique_ptr<Block>> blocks_{};
  std::vector<Block*> free_{};  // has room for all of blocks_
  Block* tail_ = nullptr;       // where the next datagram goes
};

}  // namespace xtrace
