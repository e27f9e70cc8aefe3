#pragma once

/// `DocumentIndex` finds a document of a trace by its id, for traces of so many documents that
/// looking at each would take long: a million of them may be one trace.

#include <cstddef>
#include <cstdint>
#include <vector>

#include <xtrace/trace_id.h>

#include "collect/stored_trace.h"

namespace xtrace::collect {

class DocumentIndex {
 public:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  /// Where in `documents` the one of the id is, or `kNone`. What stands behind those that were
  /// there at the last call is taken in first; what stands before has only been replaced by others
  /// of the same ids.
  std::size_t find(const SegmentId& id, const std::vector<StoredDocument>& documents);
  /// To be called where documents were removed.
  void forget();
  std::size_t bytes() const;

 private:
  void grow(const std::vector<StoredDocument>& documents);
  std::size_t slot_of(const SegmentId& id, const std::vector<StoredDocument>& documents) const;

  std::vector<std::uint32_t> slots_;  // a place + 1; 0 where there is none
  std::size_t known_ = 0;
};

}  // namespace xtrace::collect
