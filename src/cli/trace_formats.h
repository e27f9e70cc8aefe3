#pragma once

/// The formats that traces can be written in, for every verb that has traces: `--format` of `show`
/// and of `get`, `--to` of `convert`.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/expected.h>

#include "cli/report.h"
#include "cli/terminal.h"
#include "collect/stored_trace.h"
#include "collect/trace_store.h"

namespace xtrace::cli {

enum class TraceFormat : std::uint8_t {
  pretty,    ///< Each drawn.
  xray,      ///< The documents, a line each.
  json,      ///< All documents, as BatchGetTraces answers them.
  jsonl,     ///< What a list has of each, a line each.
  har,       ///< HTTP archive 1.2.
  perfetto,  ///< Chrome trace events.
  otlp,      ///< OTLP JSON.
  csv,       ///< A row for each segment and subsegment.
  prom,      ///< Prometheus' text, by service.
};

/// Fails with `invalid_config`, for the caller to put the flag before.
Expected<TraceFormat> parse_trace_format(std::string_view text);

/// All of them, in their order. `style` is for `pretty`.
std::string render_traces(std::span<const collect::StoredTrace* const> traces,
                          const collect::TraceStore& store, TraceFormat format, const Style& style);

/// What a format for programs may show to a person: on a terminal whatever could steer it is made
/// visible, line ends and tabs stay. What is no terminal gets `text` as it is.
std::string harmless_lines(std::string text, const TerminalFacts& facts, const Style& style);

/// The documents of one trace, `trace_id`, in one of the formats that need nothing else: `har`,
/// `perfetto`, `otlp`. Ends in a line feed.
std::string render_documents(std::string_view trace_id, std::span<const std::string> documents,
                             TraceFormat format);

}  // namespace xtrace::cli
