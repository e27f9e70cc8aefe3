#pragma once

/// `Child` is a program that runs beside this one and ends with it; what it says is read through
/// pipes, whenever somebody waits for it here.

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include <xtrace/clock.h>
#include <xtrace/expected.h>

#include "net/descriptor.h"

namespace xtrace::examples {

class Child {
 public:
  struct Command {
    std::string program{};  ///< Its path.
    std::vector<std::string> arguments{};
    bool is_echoed = false;  ///< What it says on stderr is said here as well.
  };

  /// Errors: `system`. A program that cannot be run ends with 127.
  static Expected<std::unique_ptr<Child>> start(Command command);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  /// Kills it where it still runs.
  ~Child();

  /// Reads on until stderr has a line with `mark` in it, and returns what follows that. Errors:
  /// `call_timeout` and, where the child ends first, `system`; both tell what it said last.
  Expected<std::string> wait_for(std::string_view mark, Duration limit);
  /// Sends TERM.
  void ask_to_end();
  /// Reads to the end and returns the exit code. Errors as those of `wait_for`.
  Expected<int> wait(Duration limit);

  const std::string& out() const { return texts_[0]; }
  const std::string& err() const { return texts_[1]; }

 private:
  explicit Child(Command command) : command_(std::move(command)) {}
  bool has_ended() const { return !pipes_[0].is_open() && !pipes_[1].is_open(); }
  /// Waits for more to read. False where the time passed first.
  bool read_more(Tick deadline);
  void take(std::size_t stream);
  Error failure(Error::Code code, std::string_view what) const;

  Command command_;
  pid_t pid_ = 0;  // 0 where there is none to wait for
  std::array<Descriptor, 2> pipes_;
  std::array<std::string, 2> texts_;
};

}  // namespace xtrace::examples
