#pragma once

/// `OutputSink` takes the body of a response: into a file, to stdout, or nowhere.

#include <cstddef>
#include <span>
#include <string>

#include <xtrace/expected.h>

#include "cli/process.h"

namespace xtrace::cli {

class OutputSink {
 public:
  /// `path` as `-o` has it: empty discards, `-` is stdout. A file is made if it is not there, and
  /// goes again if no response comes; what it holds stays until then. Fails with `body_refused`,
  /// naming the file and the reason.
  static Expected<OutputSink> open(const std::string& path, const Process& process);

  OutputSink(const OutputSink&) = delete;
  OutputSink& operator=(const OutputSink&) = delete;
  OutputSink(OutputSink&& other) noexcept;
  OutputSink& operator=(OutputSink&&) = delete;
  ~OutputSink();

  /// The response has come: what the file held before goes. Only the first call counts.
  void begin();
  /// Fails with `body_refused` in phase body.
  Expected<void> write(std::span<const std::byte> bytes);

  /// Nobody wants the body.
  bool discards() const { return descriptor_ < 0; }

  /// The reader of stdout went away: nobody is left to be told anything.
  bool lost_reader() const { return lost_reader_; }

 private:
  OutputSink(std::string name, int descriptor);

  std::string name_;
  std::string path_;     // of a file that was made here and has not been begun; then empty
  int descriptor_ = -1;  // -1 discards
  bool owns_ = false;
  bool lost_reader_ = false;
  bool has_begun_ = false;
};

}  // namespace xtrace::cli
