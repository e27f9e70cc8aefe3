#pragma once

/// What the store must know of a document before it can keep it, read in one pass over its bytes
/// and without allocating: the hot path of receiving.

#include <optional>
#include <string>
#include <string_view>

#include <xtrace/trace_id.h>

#include "xray/json_check.h"

namespace xtrace::collect {

struct DocumentFacts {
  /// Unset where the document has none that is valid: then it belongs to no trace.
  std::optional<TraceId> trace_id{};
  /// Zeros where it has none that is valid.
  SegmentId id{};
  bool is_in_progress = false;  ///< `in_progress` is true, and there is no end.
  bool is_subsegment = false;
  /// What the X-Ray service would refuse it with (`CheckRules::service`).
  std::optional<ServiceError> refusal{};
};

/// Lenient: whatever is JSON is read, in any order and with any company, Python's NaN included.
DocumentFacts read_document_facts(std::string_view document);

/// The whole complaint about a document that was refused, for people: field, reason and the
/// service's code. Empty where the service would take it.
std::string fault_of(std::string_view document);

}  // namespace xtrace::collect
