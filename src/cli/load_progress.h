#pragma once

/// `LoadProgress` is the line that a terminal shows while a run is under way.

#include <cstdint>
#include <optional>
#include <string>

#include <xtrace/clock.h>

#include "cli/process.h"

namespace xtrace::cli {

/// What the line tells.
struct LoadProgressFacts {
  std::uint64_t done = 0;
  std::optional<std::uint64_t> most{};  ///< `-n`
  std::uint64_t errors = 0;
  Duration passed{};
  std::optional<Duration> limit{};  ///< `--duration`
  bool is_warming_up = false;
};

/// `  1200/5000  24%  8431/s  3 errors  0.5s left`; no more than `width` columns.
std::string describe_progress(const LoadProgressFacts& facts, int width);

class LoadProgress {
 public:
  /// Nothing is shown before that much time has passed, nor more often than that.
  static constexpr Duration kPatience = std::chrono::milliseconds(300);
  static constexpr Duration kInterval = std::chrono::milliseconds(100);

  /// Shows nothing where stderr is no terminal, or `is_silent`.
  LoadProgress(const Process& process, bool is_silent);
  LoadProgress(const LoadProgress&) = delete;
  LoadProgress& operator=(const LoadProgress&) = delete;
  ~LoadProgress() { erase(); }

  bool is_wanted() const { return is_wanted_; }
  void show(const LoadProgressFacts& facts);
  /// Makes room for another line.
  void erase();

 private:
  const Process& process_;
  int width_ = 80;
  bool is_wanted_;
  bool is_shown_ = false;
};

}  // namespace xtrace::cli
