#pragma once

/// `SignalHold` keeps the signals that a person or a supervisor sends to a program from acting on
/// this one, so that they can be passed on to the command that it runs.
///
/// While it lives, INT, TERM, HUP, QUIT, USR1, USR2, WINCH, TSTP, CONT and CHLD wait to be taken by
/// `next`; there is no handler, so nothing is interrupted and nothing is missed between two calls.
/// A signal that the process was started to ignore (`nohup`, a script's background job) stays
/// ignored. Its end throws away what still waits, and gives mask and dispositions back. Make it
/// before any thread is started: threads inherit the mask. One per process at a time.

#include <optional>

#include <signal.h>

#include <xtrace/clock.h>

namespace xtrace::cli {

/// What the process did with SIGPIPE when it was started; the program itself ignores it.
enum class PipeSignal : std::uint8_t { acts, ignored };

class SignalHold {
 public:
  explicit SignalHold(PipeSignal inherited_pipe_signal);
  SignalHold(const SignalHold&) = delete;
  SignalHold& operator=(const SignalHold&) = delete;
  ~SignalHold();

  /// The next signal, waited for until `deadline` (for ever where there is none). Nothing when the
  /// time has passed or the process was stopped and continued meanwhile: look around and call
  /// again.
  std::optional<siginfo_t> next(std::optional<Tick> deadline) const;

  /// True where the signal has come and was not taken yet.
  bool is_waiting(int signal) const;

  /// What `next` takes as well, let through once, as it would act on the process without a hold:
  /// for the signals that stop it.
  void let_through(int signal) const;

  /// Mask and dispositions as the process was started with. For a child between fork and exec: it
  /// calls nothing but async-signal-safe functions.
  void restore_in_child() const noexcept;

 private:
  sigset_t held_{};
  sigset_t mask_before_{};
  struct sigaction child_signal_before_ {};
  PipeSignal pipe_signal_;
};

}  // namespace xtrace::cli
