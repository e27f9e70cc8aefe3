#pragma once

/// `xtrace convert`: saved traces from one format into another.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/expected.h>

#include "cli/flags.h"
#include "cli/process.h"
#include "cli/terminal.h"
#include "cli/trace_formats.h"

namespace xtrace::cli {

extern const VerbSyntax kConvertSyntax;

/// What a file holds.
enum class TraceSource : std::uint8_t {
  xray,      ///< Segment documents, whatever they are wrapped in.
  otlp,      ///< OTLP JSON, whole or a line each.
  report,    ///< `xtrace.request/1` and its like: measurements without the ids of segments.
  har,       ///< An HTTP archive.
  perfetto,  ///< Chrome trace events.
};

/// By the names of the first object; what is none of the others is `xray`, which says what is wrong
/// with it.
TraceSource guess_trace_source(std::string_view text);

struct ConvertOptions {
  std::optional<TraceSource> from{};
  TraceFormat to = TraceFormat::xray;
  std::string output{};  ///< Empty: stdout.
  std::vector<std::string> files{};
  ColorChoice color = ColorChoice::automatic;
};

/// Fails with `invalid_config`: a complete sentence.
Expected<ConvertOptions> read_convert_options(const ParsedFlags& flags);

/// The exit code is 65 where something was refused, and the rest converted; 2 where a file cannot
/// be read, 23 where the output cannot be written.
int run_convert(const ParsedFlags& flags, Process& process);

}  // namespace xtrace::cli
