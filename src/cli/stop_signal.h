#pragma once

/// `StopSignal` notices that the process is asked to end (INT, TERM), for verbs that read and wait
/// without a loop.
///
/// The signal after the first does what it does by default: a second Ctrl-C ends a program that is
/// still busy with the first. A signal that the process was started to ignore stays ignored. One
/// per process at a time; its end gives the signals back.

#include <csignal>

#include <xtrace/clock.h>

namespace xtrace::cli {

class StopSignal {
 public:
  StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;
  ~StopSignal();

  /// The signal that came first, or 0.
  int signal() const;
  /// Waits until `descriptor` (if it is not -1) can be read, a signal came, or `limit` passed. True
  /// where the descriptor can be read, or is at its end. Less than no time waits for ever.
  bool wait_for(int descriptor, Duration limit) const;

 private:
  struct sigaction interrupt_before_ {};
  struct sigaction terminate_before_ {};
};

}  // namespace xtrace::cli
