#include <xtrace/trace_header.h>

#include "fuzz/target.h"

/// The first line is the traceparent, the rest the tracestate: what is kept of them is written so
/// that it reads back as the same, and within the limits.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xtrace;
  const std::string_view text = testing::as_text(data, size);
  const std::size_t line = std::min(text.find('\n'), text.size());
  const std::string_view state = text.substr(std::min(line + 1, text.size()));
  const TraceHeader header = parse_traceparent(text.substr(0, line), state);
  const std::string parent = header.to_traceparent();
  const std::string passed_on = header.to_tracestate();
  testing::require(parent.size() == (header.is_empty() ? 0 : 55));
  testing::require(passed_on.size() <= TraceHeader::kMaxTracestateBytes);
  testing::require(std::ranges::all_of(passed_on, [](char c) { return c >= ' ' && c <= '~'; }));
  const TraceHeader again = parse_traceparent(parent, passed_on);
  testing::require(again.to_traceparent() == parent);
  testing::require(again.to_tracestate() == passed_on);
  testing::require(again.tracestate == header.tracestate);
  const TraceHeader either = read_trace_headers(state, parent, passed_on);
  testing::require(either.root.has_value() || header.is_empty());
  return 0;
}
