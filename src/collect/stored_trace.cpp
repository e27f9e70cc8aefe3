#include "collect/stored_trace.h"

#include <algorithm>

#include "collect/trace_digest.h"

namespace xtrace::collect {

StoredDocument::StoredDocument(std::string_view text, const SegmentId& id, WallTime received)
    : text_(std::make_unique_for_overwrite<char[]>(text.size())),
      size_(static_cast<std::uint32_t>(text.size())),
      id_(id),
      received_(received) {
  std::copy(text.begin(), text.end(), text_.get());
}

StoredTrace::StoredTrace(const TraceId& id) : id_(id) {}

StoredTrace::~StoredTrace() = default;

}  // namespace xtrace::collect
