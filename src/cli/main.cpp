#include <csignal>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "cli/process.h"
#include "cli/verbs.h"

int main(int count, char** words) {
  xtrace::cli::hold_standard_streams();
  // A reader that goes away is told by EPIPE.
  std::signal(SIGPIPE, SIG_IGN);
  // libuv starts all threads of its pool at the first lookup, and one request looks up one name.
  setenv("UV_THREADPOOL_SIZE", "1", 0);
  xtrace::cli::Process process;
  process.environment = [](const char* name) -> const char* { return std::getenv(name); };
  process.ends_at_once = true;
  const std::vector<std::string_view> arguments(words + (count > 0 ? 1 : 0), words + count);
  return xtrace::cli::run_command_line(arguments, process);
}
