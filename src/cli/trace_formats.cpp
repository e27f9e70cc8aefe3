#include "cli/trace_formats.h"

#include <algorithm>
#include <array>
#include <deque>

#include "base/json_writer.h"
#include "cli/choice.h"
#include "cli/text.h"
#include "cli/trace_lines.h"
#include "cli/trace_waterfall.h"
#include "collect/csv_export.h"
#include "collect/har_export.h"
#include "collect/otlp_export.h"
#include "collect/perfetto_export.h"
#include "collect/prom_export.h"
#include "collect/trace_export.h"

namespace xtrace::cli {

namespace {

using collect::ExportTrace;
using collect::StoredTrace;

constexpr std::array<Word<TraceFormat>, 9> kTraceFormats = {{{"pretty", TraceFormat::pretty},
                                                             {"xray", TraceFormat::xray},
                                                             {"json", TraceFormat::json},
                                                             {"jsonl", TraceFormat::jsonl},
                                                             {"har", TraceFormat::har},
                                                             {"perfetto", TraceFormat::perfetto},
                                                             {"otlp", TraceFormat::otlp},
                                                             {"csv", TraceFormat::csv},
                                                             {"prom", TraceFormat::prom}}};

std::string document_lines(const StoredTrace& trace) {
  std::string text;
  for (const collect::StoredDocument& document : trace.documents()) {
    const std::size_t begin = text.size();
    text += document.text();
    // Line feeds stand between values only: in a text they are escaped.
    std::replace(text.begin() + static_cast<std::ptrdiff_t>(begin), text.end(), '\n', ' ');
    text += '\n';
  }
  return text;
}

std::string batch_text(std::span<const StoredTrace* const> traces,
                       const collect::TraceStore& store) {
  std::string text;
  {
    JsonWriter json(text);
    json.begin_object();
    json.key("Traces");
    json.begin_array();
    for (const StoredTrace* trace : traces) {
      collect::write_batch_trace(json, *trace, store.digest(*trace));
    }
    json.end_array();
    json.key("UnprocessedTraceIds");
    json.begin_array();
    json.end_array();
    json.end_object();
  }
  return text + "\n";
}

std::string prom_text(std::span<const StoredTrace* const> traces,
                      const collect::TraceStore& store) {
  std::vector<const collect::TraceDigest*> digests;
  for (const StoredTrace* trace : traces) digests.push_back(&store.digest(*trace));
  return collect::prom_of_traces(digests);
}

/// A format that has all traces in one piece.
std::string export_text(std::span<const ExportTrace> traces, TraceFormat format) {
  std::string text;
  {
    JsonWriter json(text);
    if (format == TraceFormat::har) collect::write_har(json, traces);
    if (format == TraceFormat::perfetto) collect::write_perfetto(json, traces);
    if (format == TraceFormat::otlp) collect::write_otlp(json, traces);
  }
  return text + "\n";
}

std::string export_text(std::span<const StoredTrace* const> traces, TraceFormat format) {
  std::deque<collect::TraceTree> trees;
  std::vector<ExportTrace> exported;
  for (const StoredTrace* trace : traces) {
    exported.push_back({trace->id(), trees.emplace_back(collect::build_tree(*trace))});
  }
  return export_text(exported, format);
}

std::string table_text(std::span<const StoredTrace* const> traces) {
  std::string text = collect::trace_csv_header();
  for (const StoredTrace* trace : traces) {
    const collect::TraceTree tree = collect::build_tree(*trace);
    text += collect::trace_csv_rows({trace->id(), tree});
  }
  return text;
}

std::string text_of_each(std::span<const StoredTrace* const> traces,
                         const collect::TraceStore& store, TraceFormat format, const Style& style) {
  std::string text;
  for (const StoredTrace* trace : traces) {
    if (format == TraceFormat::xray) {
      text += document_lines(*trace);
    } else if (format == TraceFormat::jsonl) {
      text += trace_json_line(*trace, store.digest(*trace));
    } else {
      if (!text.empty()) text += '\n';
      const collect::TraceTree tree = collect::build_tree(*trace);
      text += draw_trace({*trace, tree, store.digest(*trace)}, style);
    }
  }
  return text;
}

}  // namespace

Expected<TraceFormat> parse_trace_format(std::string_view text) {
  return choose(kTraceFormats, text);
}

std::string render_traces(std::span<const StoredTrace* const> traces,
                          const collect::TraceStore& store, TraceFormat format,
                          const Style& style) {
  switch (format) {
    case TraceFormat::json:
      return batch_text(traces, store);
    case TraceFormat::har:
    case TraceFormat::perfetto:
    case TraceFormat::otlp:
      return export_text(traces, format);
    case TraceFormat::csv:
      return table_text(traces);
    case TraceFormat::prom:
      return prom_text(traces, store);
    default:
      return text_of_each(traces, store, format, style);
  }
}

std::string harmless_lines(std::string text, const TerminalFacts& facts, const Style& style) {
  if (!facts.is_terminal) return text;
  std::string safe;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of("\n\t"), rest.size());
    std::string_view piece = rest.substr(0, end);
    const std::string_view mark = rest.substr(end, 1);
    rest.remove_prefix(end + mark.size());
    const bool has_return = mark == "\n" && piece.ends_with('\r');
    if (has_return) piece.remove_suffix(1);
    safe.append(escape_for_terminal(piece, style)).append(has_return ? "\r" : "").append(mark);
  }
  return safe;
}

std::string render_documents(std::string_view trace_id, std::span<const std::string> documents,
                             TraceFormat format) {
  const std::vector<std::string_view> views(documents.begin(), documents.end());
  const collect::TraceTree tree = collect::build_tree(views);
  const auto id = TraceId::parse(trace_id);
  const ExportTrace trace{id ? *id : TraceId{}, tree};
  return export_text(std::span(&trace, 1), format);
}

}  // namespace xtrace::cli
