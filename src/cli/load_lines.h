#pragma once

/// What a run tells of single requests: lines of `jsonl` and `csv` on stdout, and with `-v` the
/// events of a few on stderr.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "cli/conversation.h"
#include "cli/load_output.h"
#include "cli/load_prepare.h"
#include "cli/load_run.h"
#include "cli/load_tracer.h"
#include "cli/options.h"
#include "cli/process.h"

namespace xtrace::cli {

/// A line for each request, as it ends.
class RequestLines {
 public:
  /// Writes the header of `csv`. All of it outlives this.
  RequestLines(const GetOptions& options, const PreparedLoad& prepared, const LoadTracer& tracer,
               LoadOutput& output);

  void add(const LoadRun::Ended& ended);

 private:
  void describe_emission(Report& report, const LoadRun::Ended& ended) const;

  const GetOptions& options_;
  const PreparedLoad& prepared_;
  const LoadTracer& tracer_;
  LoadOutput& output_;
};

/// The hooks of each request, told by a `Conversation` each, its number before every line.
class Narrator {
 public:
  Narrator(const GetOptions& options, const Process& process);

  /// Of more requests than these nobody would read the events.
  static constexpr std::uint64_t kMostRequests = 20;
  static bool is_wanted(const GetOptions& options);

  /// The place in flight `seat` has a new request.
  ClientTrace begin(std::size_t seat, std::uint64_t number);
  /// And sends this.
  void expect(std::size_t seat, const Request& request);

 private:
  const GetOptions& options_;
  const Process& process_;
  Style style_;
  Tick started_;
  std::vector<std::unique_ptr<Conversation>> conversations_;  // by seat
};

}  // namespace xtrace::cli
