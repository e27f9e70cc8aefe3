#pragma once

/// What `xtrace listen` says on stderr: where it listens, what it has seen when it ends, and what
/// was lost.

#include <cstdint>
#include <string>
#include <vector>

#include "collect/collector.h"

namespace xtrace::cli {

/// `listening  udp+tcp 127.0.0.1:2000  page http://127.0.0.1:2080`
std::string ready_line(const collect::Collector& collector);

/// One sentence if anybody but this machine reaches what it listens on; else nothing.
std::string exposure_warning(const collect::Collector& collector);

/// The traces that were told, by what came of them.
struct ListenTally {
  std::uint64_t traces = 0;
  std::uint64_t faults = 0;
  std::uint64_t errors = 0;
  std::uint64_t throttles = 0;
  std::uint64_t unfinished = 0;

  void add(const Flags& flags);
};

/// `214 traces, 3 faults, 2 unfinished; 630 documents, 0 dropped`
std::string summary_line(const ListenTally& tally, const collect::CollectorStats& stats);

/// A sentence for each kind of loss, with its number.
std::vector<std::string> loss_lines(const collect::CollectorStats& stats);

/// Why `--expect` was not met: what came, and what is missing of the traces that are not complete,
/// a line each.
struct Shortfall {
  std::uint64_t expected = 0;
  std::uint64_t complete = 0;  ///< That the filter takes.
  std::uint64_t unwanted = 0;  ///< Complete, and the filter does not take them.
  std::string filter{};
};
std::vector<std::string> shortfall_lines(const Shortfall& shortfall,
                                         const collect::TraceStore& store);

}  // namespace xtrace::cli
