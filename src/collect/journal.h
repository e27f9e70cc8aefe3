#pragma once

/// `Journal` appends received documents to a file, one a line, and reads such files back.
///
/// The file is JSON lines of segment documents as they came (on one line each), which `emit`,
/// `show` and `convert` read too. It is written behind the receiving, at the latest after a second:
/// a process that is killed loses no more. What cannot be written is counted and told once.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <xtrace/expected.h>
#include <xtrace/loop.h>

namespace xtrace::collect {

struct JournalStats {
  std::uint64_t documents = 0;  ///< Handed to the kernel.
  std::uint64_t bytes = 0;
  std::uint64_t lost = 0;  ///< Could not be written; `reason` says why.
  std::string reason{};
};

class Journal {
 public:
  /// Makes the file where there is none (readable by its owner alone), and appends where there is
  /// one; a last line that was cut by a kill is ended first. Fails with `invalid_config`, naming
  /// the file and the reason.
  static Expected<std::unique_ptr<Journal>> open(Loop& loop, const std::string& path);
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  /// Writes what is left.
  ~Journal();

  void append(std::string_view document);
  void flush();
  JournalStats stats() const;

 private:
  struct Impl;
  explicit Journal(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace xtrace::collect
