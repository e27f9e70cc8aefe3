#include "collect/stored_trace.h"

#include "collect/trace_digest.h"

namespace xtrace::collect {

StoredDocument::StoredDocument(std::string_view text, const SegmentId& id, WallTime received)
    : text_(text), id_(id), received_(received) {}

StoredTrace::StoredTrace(const TraceId& id) : id_(id) {}

StoredTrace::~StoredTrace() = default;

}  // namespace xtrace::collect
