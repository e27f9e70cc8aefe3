#pragma once

/// `LineOutlet` writes lines to a descriptor without ever waiting for whoever reads it: a terminal
/// that is held by Ctrl-S, or a pipe that nobody empties, must not stop the receiving of traces.
///
/// What is not taken at once is held, so much at most, and offered again. It also notices, within
/// half a second, that the reader of a pipe went away although nothing is written.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <xtrace/clock.h>
#include <xtrace/loop.h>

#include "loop/timer.h"

namespace xtrace::cli {

class LineOutlet {
 public:
  static constexpr std::size_t kMostHeld = std::size_t{16} << 20U;

  enum class State : std::uint8_t {
    open,
    closed,  ///< The reader went away, which is its right.
    failed,  ///< `reason` is errno.
  };

  /// `on_end` runs once when the outlet is open no more, on the loop's thread. The descriptor stays
  /// the caller's, and blocking or not as it is.
  LineOutlet(Loop& loop, int descriptor, std::function<void()> on_end);
  LineOutlet(const LineOutlet&) = delete;
  LineOutlet& operator=(const LineOutlet&) = delete;
  ~LineOutlet();

  /// A line, or several, each with its line feed.
  void put(std::string_view lines);
  /// Waits for the reader, so long at most.
  void finish(Duration limit);

  State state() const { return state_; }
  int reason() const { return reason_; }
  /// What found no room: calls of `put`.
  std::uint64_t lost() const { return lost_; }

 private:
  void write_on();
  void look_for_reader();
  /// False where nothing can be written now.
  bool has_room(int wait_milliseconds) const;
  void end(State state, int reason);

  int descriptor_;
  std::function<void()> on_end_;
  std::string held_;
  std::size_t written_ = 0;  // of held_
  State state_ = State::open;
  int reason_ = 0;
  std::uint64_t lost_ = 0;
  Timer again_;
  Timer watch_;
};

}  // namespace xtrace::cli
