#pragma once

/// `DocumentWindow` is the part of an input that is looked at: a buffer that is refilled from a
/// `ByteSource` and grows only where one document needs it.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <xtrace/expected.h>

namespace xtrace::cli {

/// Where bytes come from.
class ByteSource {
 public:
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  virtual ~ByteSource() = default;

  /// At least one byte, waited for; 0 at the end.
  virtual Expected<std::size_t> read(std::span<char> room) = 0;
  /// Whether `read` need not wait.
  virtual bool is_ready() = 0;
};

/// A text that is there already, and outlives the source.
class TextSource final : public ByteSource {
 public:
  explicit TextSource(std::string_view text) : rest_(text) {}

  Expected<std::size_t> read(std::span<char> room) override;
  bool is_ready() override { return true; }

 private:
  std::string_view rest_;
};

class DocumentWindow {
 public:
  static constexpr std::size_t kFirstSize = 256U << 10U;
  /// What one document may take.
  static constexpr std::size_t kLargestSize = 16U << 20U;

  /// `source` must outlive the window.
  explicit DocumentWindow(ByteSource& source, std::size_t first_size = kFirstSize);

  /// What was read and not dropped.
  std::string_view text() const { return {buffer_.data() + begin_, end_ - begin_}; }
  /// The line of the text's first byte, from 1 on.
  std::uint64_t line() const { return line_; }
  /// The text without its first bytes.
  void drop(std::size_t bytes);
  /// Reads more behind the text, so much that another look at it is worth while. False where there
  /// is no more or no room.
  bool extend();
  /// Reads more where the text is shorter than `bytes`. False where it stays so.
  bool hold(std::size_t bytes);
  /// Nothing more will come; `error` says why, where that is not the input's end.
  bool is_at_end() const { return is_at_end_; }
  const std::optional<Error>& error() const { return error_; }

 private:
  bool read_once();
  bool make_room();

  ByteSource& source_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t line_ = 1;
  bool is_at_end_ = false;
  std::optional<Error> error_;
};

}  // namespace xtrace::cli
