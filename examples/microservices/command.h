#pragma once

/// The command line of a service's client: `PROGRAM ACTION RESOURCE [PATH]`.
///
///     fetcher-cli fetch fetcher /fetch/https://goa.design
///     archiver-cli archive archiver /archive --payload '{"status":200,"body":"hello"}'
///
/// Each is one traced request: a segment named `client` goes to the daemon, and the request carries
/// its trace header. The answer's body goes to stdout, what is wrong to stderr. Exit codes are
/// those of `xtrace get --fail`: 0, 22 for a status of 400 and more, 7 where nobody listens, 28 for
/// a timeout, 2 for a wrong command line.

#include <span>

namespace xtrace::examples {

/// What an action asks for.
struct CommandDeed {
  const char* action = "";
  const char* resource = "";
  const char* method = "";
  const char* path = "";  ///< The default; where it ends in a slash the rest must be given.
  bool has_payload = false;
};

struct CommandSyntax {
  const char* name = "";
  const char* summary = "";
  const char* host = "";  ///< The default of `--host`.
  std::span<const CommandDeed> deeds{};
};

/// `main` of such a program.
int run_command(const CommandSyntax& syntax, int count, char** words);

}  // namespace xtrace::examples
