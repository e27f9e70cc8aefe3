#include "instrument/attempt_headers.h"

#include <utility>

#include <xtrace/trace_header.h>

namespace xtrace {

namespace {

constexpr std::string_view kField = "X-Amzn-Trace-Id";
constexpr std::string_view kParent = ";Parent=";

}  // namespace

void AttemptHeaders::begin(SegmentContext parent, bool with_traceparent) {
  parent_ = std::move(parent);
  with_traceparent_ = with_traceparent;
  sent_.clear();
}

void AttemptHeaders::write_into(Request& request) {
  if (!parent_.has_trace()) return;
  const SegmentId id = SegmentId::generate();
  text_.clear();
  parent_.append_trace_header(text_);
  // What is not recorded goes on under the id that stands for all of the trace here.
  if (parent_) {
    sent_.push_back(id);
    if (const std::size_t at = text_.find(kParent); at != std::string::npos) {
      text_.replace(at + kParent.size(), SegmentId::kLength, id.text());
    }
  }
  request.headers.set(kField, text_);
  if (with_traceparent_) write_traceparent(request, id);
}

// W3C has no trace without a parent, recorded or not.
void AttemptHeaders::write_traceparent(Request& request, const SegmentId& id) {
  TraceHeader header = parent_.trace_header();
  if (parent_ || header.parent.empty()) header.parent = id.to_string();
  request.headers.remove("traceparent");
  request.headers.remove("tracestate");
  const std::string own = header.to_traceparent();
  if (own.empty()) return;
  request.headers.add("traceparent", own);
  const std::string state = header.to_tracestate();
  if (!state.empty()) request.headers.add("tracestate", state);
}

}  // namespace xtrace
