#include <xtrace/trace_header.h>

#include "fuzz/target.h"
#include "xray/header_views.h"

/// Whatever comes in, what goes out is one clean line that reads back as what was kept, and reading
/// it in place comes to the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xtrace;
  const TraceHeader header = parse_trace_header(testing::as_text(data, size));
  const std::string text = header.to_string();
  testing::require(parse_trace_header(text) == header);
  testing::require(parse_trace_header(text).to_string() == text);
  testing::require(text.find_first_of(" \t\r\n") == std::string::npos);
  testing::require(text.find(";;") == std::string::npos);
  testing::require(text.empty() || (text.front() != ';' && text.back() != ';'));
  const TraceHeader through = parse_traceparent(header.to_traceparent(), header.to_tracestate());
  testing::require(through.is_empty() ||
                   (through.root == header.root && through.tracestate.empty()));
  testing::require(through.extra.size() <= header.extra.size());
  if (const auto views = view_trace_header(testing::as_text(data, size))) {
    testing::require(views->root == header.root && views->root_text == header.root_text &&
                     views->parent == header.parent && views->sampled == header.sampled);
    testing::require(std::ranges::equal(views->extra, header.extra, [](auto& a, auto& b) {
      return a.key == b.key && a.value == b.value;
    }));
  }
  return 0;
}
