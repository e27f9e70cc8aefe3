#pragma once

/// `DocumentRing` hands documents from one thread to another in a piece of memory that is used
/// again and again: one thread pushes, one takes, and neither waits.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include <xtrace/clock.h>

namespace xtrace::collect {

class DocumentRing {
 public:
  /// At least as many bytes; enough for several documents of the largest size in any case.
  explicit DocumentRing(std::size_t bytes);
  DocumentRing(const DocumentRing&) = delete;
  DocumentRing& operator=(const DocumentRing&) = delete;
  ~DocumentRing() = default;

  // -- the thread that pushes ------------------------------------------------------------------
  /// Copies a document of at most 64 KiB. False, and nothing has happened, where there is no room.
  bool push(std::string_view document, WallTime received);
  /// Shows the other side what was pushed.
  void publish();
  /// Asks to be told when there is room: `retire` will say so. Look for room once more after that.
  void ask_for_room() { wants_room_.store(true); }

  // -- the thread that takes -------------------------------------------------------------------
  struct Record {
    std::string_view document{};
    WallTime received{};
  };
  /// The next one, valid until `retire`; false where there is none.
  bool take(Record& record);
  bool is_empty();
  /// Gives the room of everything taken back. True where the other side asked for it.
  bool retire();

 private:
  struct Head {
    std::uint32_t size = 0;
    std::int64_t received = 0;  // ticks of the system clock
  };
  static constexpr std::uint32_t kSkip = 0xFFFFFFFF;  // the rest up to the end holds nothing

  bool has_room(std::size_t bytes);
  bool is_drained();
  void write(std::size_t at, const Head& head);
  void skip_to_begin();

  const std::size_t size_;
  const std::unique_ptr<char[]> memory_;
  // Positions only grow; where they lie in the memory is their remainder. Each side keeps what it
  // last saw of the other, for looking costs a cache line that the other writes.
  alignas(64) std::atomic<std::uint64_t> pushed_{0};
  std::uint64_t next_push_ = 0;
  std::uint64_t seen_taken_ = 0;
  alignas(64) std::atomic<std::uint64_t> taken_{0};
  std::uint64_t next_take_ = 0;
  std::uint64_t seen_pushed_ = 0;
  alignas(64) std::atomic<bool> wants_room_{false};
};

}  // namespace xtrace::collect
