#pragma once

/// What the demonstration promises of one fetch, held against the documents that came of it.

#include <cstddef>
#include <string>
#include <vector>

#include "microservices/trace_tree.h"

namespace xtrace::examples {

struct Tale {
  std::string title{};
  std::string url{};
  int status = 200;            ///< Of the fetcher's answer.
  int target_status = 0;       ///< 0: the target gave none that was taken.
  std::string target_cause{};  ///< Why not; the name of an error.

  /// Whether the archiver had part in it.
  bool is_archived() const { return target_cause.empty(); }
  std::size_t segments() const { return is_archived() ? 3 : 2; }
};

/// Who listens where.
struct Cast {
  std::string fetcher{};
  std::string archiver{};
};

/// A sentence for each promise that was broken.
std::vector<std::string> find_broken_promises(const Tale& tale, const Cast& cast,
                                              const TraceTree& tree);

}  // namespace xtrace::examples
