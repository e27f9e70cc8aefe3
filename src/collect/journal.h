#pragma once

/// `Journal` appends received documents to a file, one a line, and reads such files back.
///
/// The file is JSON lines of segment documents as they came (on one line each), which `emit`,
/// `show` and `convert` read too. A thread of its own writes it behind the receiving, for a disk
/// may hold up who writes and the loop has other things to do: a process that is killed loses the
/// last part of a second, and no more. What cannot be written is counted and told once.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <xtrace/expected.h>

namespace xtrace::collect {

struct JournalStats {
  std::uint64_t documents = 0;  ///< Handed to the kernel.
  std::uint64_t bytes = 0;
  std::uint64_t lost = 0;  ///< Could not be written.
  /// A sentence about the first that was lost; empty where none was.
  std::string reason{};
};

class Journal {
 public:
  /// Makes the file where there is none (readable by its owner alone), and appends where there is
  /// one; a last line that was cut by a kill is ended first. Fails with `invalid_config`, naming
  /// the file and the reason.
  static Expected<std::unique_ptr<Journal>> open(const std::string& path);
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  /// Writes what is left.
  ~Journal();

  /// Copies it, and never waits for the disk: what lies in memory is bounded, and beyond that
  /// documents are lost.
  void append(std::string_view document);
  /// Returns when everything appended is in the kernel's hands, or lost.
  void flush();
  JournalStats stats() const;

 private:
  struct Impl;
  explicit Journal(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace xtrace::collect
