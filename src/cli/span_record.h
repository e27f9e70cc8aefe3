#pragma once

/// `SpanRecord` is what is known of a span that a command line makes (`exec`, `span`), and its
/// documents are a pure function of it.

#include <optional>
#include <string>
#include <vector>

#include <xtrace/clock.h>
#include <xtrace/document_set.h>
#include <xtrace/scalar.h>

#include "cli/metadata.h"
#include "cli/option_values.h"
#include "cli/span_context.h"

namespace xtrace::cli {

/// Why a span failed: becomes `fault` and a cause.
struct SpanFailure {
  std::string type;
  std::string message;
};

/// One entry of metadata outside the namespace `default`.
struct SpanFact {
  std::string space;
  std::string key;
  std::string json;  ///< One valid JSON value.
};

struct SpanRecord {
  SpanContext context;
  std::string name;
  WallTime start{};
  std::optional<WallTime> end{};  ///< Nothing: still in progress.
  std::vector<Annotation> annotations{};
  std::vector<MetadataEntry> metadata{};
  std::vector<SpanFact> facts{};
  std::optional<int> status{};  ///< Of HTTP: recorded, and the flags it stands for.
  std::optional<SpanFailure> failure{};
};

/// A segment, or a subsegment by itself where the span has a parent; `in_progress` without an end.
/// Nothing where the trace is not sampled.
DocumentSet write_documents(const SpanRecord& record);

}  // namespace xtrace::cli
