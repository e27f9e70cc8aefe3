#pragma once

/// `LoadOutput` writes what a run streams to stdout, a line for each request, in large pieces and
/// bounded memory.
///
/// Writing waits for the reader: one that is slow holds the run up, and the figures with it.

#include <cstddef>
#include <string>
#include <string_view>

#include "cli/process.h"

namespace xtrace::cli {

class LoadOutput {
 public:
  explicit LoadOutput(int descriptor) : descriptor_(descriptor) {}
  LoadOutput(const LoadOutput&) = delete;
  LoadOutput& operator=(const LoadOutput&) = delete;

  void add(std::string_view text);
  /// Writes what is kept. To be called at the end of each turn.
  void flush();

  /// The reader went away, or writing failed: nothing is written any more.
  bool is_over() const { return result_ != WriteResult::written; }
  /// Why, in the system's words; empty where the reader just went away.
  const std::string& failure() const { return failure_; }

 private:
  static constexpr std::size_t kPiece = 64 * 1024;

  int descriptor_;
  std::string kept_;
  std::string failure_;
  WriteResult result_ = WriteResult::written;
};

}  // namespace xtrace::cli
