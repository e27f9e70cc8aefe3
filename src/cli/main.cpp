#include <array>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include "cli/process.h"
#include "cli/verbs.h"

int main(int count, char** words) {
  xtrace::cli::hold_standard_streams();
  xtrace::cli::Process process;
  // A reader that goes away is told by EPIPE.
  process.inherits_ignored_pipe_signal = std::signal(SIGPIPE, SIG_IGN) == SIG_IGN;
  // The next line does not change this list but makes another.
  process.variables = [inherited = environ] {
    std::vector<std::string> variables;
    for (char** variable = inherited; *variable != nullptr; ++variable) {
      variables.emplace_back(*variable);
    }
    return variables;
  };
  // libuv starts all threads of its pool at the first lookup, and one request looks up one name.
  setenv("UV_THREADPOOL_SIZE", "1", 0);
  process.environment = [](const char* name) -> const char* { return std::getenv(name); };
  std::array<char, PATH_MAX> directory{};
  if (getcwd(directory.data(), directory.size()) != nullptr) process.directory = directory.data();
  process.ends_at_once = true;
  const std::vector<std::string_view> arguments(words + (count > 0 ? 1 : 0), words + count);
  return xtrace::cli::run_command_line(arguments, process);
}
