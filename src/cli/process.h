#pragma once

/// `Process` is what a verb sees of the world: its streams, its environment, and whether ending
/// means leaving.
///
/// Tests give pipes and a map; `main` gives the real ones.

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/expected.h>

#include "cli/terminal.h"

namespace xtrace::cli {

struct Process {
  int in = 0;
  int out = 1;
  int err = 2;
  Environment environment;
  /// All of the environment as the program was started with, `NAME=value` each: what a command that
  /// it runs inherits.
  std::function<std::vector<std::string>()> variables;
  /// The working directory, where the search for a project's configuration begins; empty: there is
  /// no project.
  std::string directory{};
  /// The program ignores SIGPIPE; a command that it runs does so only where whoever started the
  /// program did.
  bool inherits_ignored_pipe_signal = false;
  /// Leave by `_exit` as soon as everything is written: a lookup that hangs in a thread of libuv's
  /// pool cannot be cancelled and must not hold the process.
  bool ends_at_once = false;
};

/// Gives stdin, stdout and stderr a place-holder where the caller closed them, before anything else
/// takes their numbers: a report must not end in a socket, nor a note in the loop's own pipes.
/// Reading and writing the place-holder fails with EBADF; a command that is run sees it closed.
void hold_standard_streams();

/// What became of a write. `closed`: the reader went away, which is its right and no news to
/// anybody.
enum class WriteResult : std::uint8_t { written, closed, failed };

/// Writes all of it, also to a descriptor that is non-blocking. `errno` tells why it `failed`.
WriteResult write_all(int descriptor, std::string_view text);

/// Reads to the end of the descriptor. Fails with `invalid_config`, naming `name`.
Expected<std::string> read_all(int descriptor, std::string_view name);

/// The whole of a file; `-` is `process.in`. Fails with `invalid_config`, naming the file and the
/// reason.
Expected<std::string> read_file(const std::string& path, const Process& process);

}  // namespace xtrace::cli
