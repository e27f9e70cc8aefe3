#pragma once

/// Runs one command as a child, the way a shell would have run it in our place: same streams, same
/// process group, same signals, no descriptor of ours.
///
/// The child stays in our process group, so a terminal reaches both with ^C, ^\ and ^Z, and a
/// pipeline stays one job. What the terminal sent is therefore not sent again; what came by kill(2)
/// is passed on. When the terminal's stop reaches the child, we stop as well, so that the shell in
/// front takes over, and `fg` continues both. Only the child is waited for, not what it leaves
/// behind; whatever other children end meanwhile (of a container's first process, for example) are
/// collected.

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

#include <xtrace/clock.h>

#include "cli/signal_hold.h"

namespace xtrace::cli {

struct ChildCommand {
  std::vector<std::string> arguments{};      ///< The first is the program, looked for in PATH.
  std::vector<std::string> environment{};    ///< `NAME=value`; its PATH is the one that counts.
  Duration limit{};                          ///< Then TERM is sent; zero: never.
  Duration grace = std::chrono::seconds(5);  ///< How long after TERM until KILL.
};

/// How it ended.
struct ChildEnd {
  enum class Kind : std::uint8_t {
    exited,          ///< `value` is the exit code.
    killed,          ///< `value` is the signal.
    not_found,       ///< No such program, or no such interpreter; `value` is the errno.
    not_executable,  ///< The program is there and cannot be run; `value` is the errno.
    not_started,     ///< The system made no process; `value` is the errno.
  };

  Kind kind = Kind::not_started;
  int value = 0;
  bool has_timed_out = false;  ///< `limit` passed before it ended.
  pid_t pid = 0;               ///< 0 where nothing was run.
  Duration user_time{};        ///< Of the child and of what it waited for.
  Duration system_time{};
  std::uint64_t max_rss_bytes = 0;

  bool was_run() const { return kind == Kind::exited || kind == Kind::killed; }
  bool has_failed() const { return kind != Kind::exited || value != 0 || has_timed_out; }
};

/// Starts the command and waits for its end.
ChildEnd run_child(const ChildCommand& command, const SignalHold& signals);

}  // namespace xtrace::cli
