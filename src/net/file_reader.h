#pragma once

/// `FileReader` is a body that is read on libuv's threads: a regular file, or whatever cannot be
/// watched and would block the loop.
///
/// While one slice is sent the next is read: two slices are all the memory it takes, one where the
/// file fits into it. A read that is under way when the reader is destroyed ends on its thread,
/// into memory and from a descriptor that live until then.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <uv.h>

#include <xtrace/body.h>
#include <xtrace/loop.h>

#include "net/descriptor.h"

namespace xtrace {

class FileReader final : public BodySource {
 public:
  /// What to read of the descriptor.
  struct Extent {
    /// Where to begin, leaving the descriptor's own offset alone; none reads at that, as a device
    /// wants it.
    std::optional<std::uint64_t> begin{};
    /// Bytes from there, as they were when it was opened; none is until the end. One byte more is
    /// asked for, so that a file that grew shows it.
    std::optional<std::uint64_t> size{};
  };

  /// `name` is for messages.
  FileReader(Loop& loop, Descriptor file, Extent extent, std::string name);
  FileReader(const FileReader&) = delete;
  FileReader& operator=(const FileReader&) = delete;
  ~FileReader() override;

  std::optional<std::uint64_t> size() const override { return extent_.size; }
  /// A file of at most 16 KiB that the system has in memory is given at once. Errors:
  /// `body_source_failed`.
  void read(Callback<void(Expected<std::span<const std::byte>>)> on_read) override;

 private:
  struct Slice;
  struct Leave {
    void operator()(Slice* slice) const noexcept;
  };

  static void on_slice(uv_fs_t* request) noexcept;
  void read_ahead();
  void submit(Slice& slice);
  bool read_without_waiting();
  void settle(std::int64_t result);
  void deliver(Callback<void(Expected<std::span<const std::byte>>)> on_read);
  std::size_t next_length() const;

  Loop& loop_;
  const std::shared_ptr<const Descriptor> file_;
  const Extent extent_;
  const std::string name_;
  std::array<std::unique_ptr<Slice, Leave>, 2> slices_;  // made when first used
  std::size_t ahead_ = 0;                                // the one that is not lent
  bool is_ready_ = false;                                // it holds what `read` gives next
  bool is_ended_ = false;                                // nothing is behind what was read
  std::uint64_t count_ = 0;                              // bytes read
  std::optional<Error> failure_;
  Callback<void(Expected<std::span<const std::byte>>)> on_read_;
};

}  // namespace xtrace
