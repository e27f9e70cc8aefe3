#pragma once

/// `EmitProgress` is the line that a terminal shows while `xtrace emit` is at work for long.

#include <cstdint>

#include <xtrace/clock.h>

#include "cli/process.h"

namespace xtrace::cli {

struct EmitCounts {
  std::uint64_t documents = 0;  ///< Valid, and handed on: those of a divided one each.
  std::uint64_t split = 0;      ///< Documents that were too large and divided.
  std::uint64_t cut = 0;        ///< Documents whose texts were cut.
  std::uint64_t refused = 0;
};

class EmitProgress {
 public:
  /// Shows nothing where stderr is no terminal, or `is_silent`.
  EmitProgress(const Process& process, bool is_silent);
  EmitProgress(const EmitProgress&) = delete;
  EmitProgress& operator=(const EmitProgress&) = delete;
  ~EmitProgress() { erase(); }

  /// Shows the counts, unless it did a moment ago.
  void show(const EmitCounts& counts);
  /// Makes room for another line.
  void erase();

 private:
  const Process& process_;
  bool is_wanted_;
  bool is_shown_ = false;
  Tick begin_;
  Tick next_;
};

}  // namespace xtrace::cli
