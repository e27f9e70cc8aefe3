#include <algorithm>

#include <xtrace/trace_header.h>

#include "base/ascii.h"
#include "xray/header_views.h"
#include "xray/tracestate.h"

namespace xtrace {

namespace {

// 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
constexpr std::size_t kTraceAt = 3;
constexpr std::size_t kTraceDigits = 32;
constexpr std::size_t kParentAt = 36;
constexpr std::size_t kParentDigits = 16;
constexpr std::size_t kFlagsAt = 53;
constexpr std::size_t kLength = 55;
// Of 1-58406520-a006649127e371903a2de979.
constexpr std::size_t kRootSecondsAt = 2;
constexpr std::size_t kRootSecondsDigits = 8;
constexpr std::size_t kRootRandomAt = 11;

bool is_lower_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return is_hex_digit(c) && c == to_lower(c); });
}

bool has_known_length(std::string_view text) {
  if (text.size() == kLength) return true;
  return text.size() > kLength && !text.starts_with("00") && text[kLength] == '-';
}

bool is_traceparent(std::string_view text) {
  return has_known_length(text) && !text.starts_with("ff") && is_lower_hex(text.substr(0, 2)) &&
         text[kTraceAt - 1] == '-' && is_lower_hex(text.substr(kTraceAt, kTraceDigits)) &&
         text[kParentAt - 1] == '-' && is_lower_hex(text.substr(kParentAt, kParentDigits)) &&
         text[kFlagsAt - 1] == '-' && is_lower_hex(text.substr(kFlagsAt, 2));
}

/// The lowest bit of a hex digit.
bool is_odd(char digit) {
  return (is_digit(digit) ? digit - '0' : digit - 'a' + 10) % 2 == 1;
}

/// A load balancer adds a root of its own to what comes without one: nobody's trace goes on there.
template <class Header>
bool is_callers(const Header& header) {
  return header.root && (!header.parent.empty() || header.sampled != Sampled::unknown);
}

}  // namespace

void TraceHeader::append_traceparent_to(std::string& out) const {
  if (!root || root->is_noop() || parent.empty()) return;
  const Expected<SegmentId> caller = SegmentId::parse(parent);
  if (!caller || caller->is_noop()) return;
  out += "00-";
  out += root->text().substr(kRootSecondsAt, kRootSecondsDigits);
  out += root->text().substr(kRootRandomAt);
  out += '-';
  out += caller->text();
  out += sampled == Sampled::yes ? "-01" : "-00";
}

std::string TraceHeader::to_traceparent() const {
  std::string text;
  append_traceparent_to(text);
  return text;
}

void TraceHeader::append_tracestate_to(std::string& out) const {
  append_tracestate(*this, out);
}

std::string TraceHeader::to_tracestate() const {
  std::string text;
  append_tracestate_to(text);
  return text;
}

HeaderViews view_traceparent(std::string_view traceparent) {
  const std::string_view text = trim(traceparent);
  if (!is_traceparent(text)) return {};
  const std::string_view parent = text.substr(kParentAt, kParentDigits);
  const Expected<TraceId> root = TraceId::parse(text.substr(kTraceAt, kTraceDigits));
  if (!root || root->is_noop() || parent == SegmentId().text()) return {};
  HeaderViews header;
  header.root = *root;
  header.parent = parent;
  header.sampled = is_odd(text[kFlagsAt + 1]) ? Sampled::yes : Sampled::no;
  return header;
}

std::optional<HeaderViews> view_trace_headers(std::string_view x_amzn_trace_id,
                                              std::string_view traceparent,
                                              std::string_view tracestate) {
  if (traceparent.empty()) return view_trace_header(x_amzn_trace_id);
  const std::optional<HeaderViews> own = view_trace_header(x_amzn_trace_id);
  if (!own) return own;
  const HeaderViews other = view_traceparent(traceparent);
  if (!other.root) return own;
  const bool takes_other = !is_callers(*own);
  if (!tracestate.empty() && (takes_other || own->root == other.root)) return std::nullopt;
  return takes_other ? other : own;
}

TraceHeader parse_traceparent(std::string_view traceparent, std::string_view tracestate) {
  const HeaderViews views = view_traceparent(traceparent);
  TraceHeader header;
  if (!views.root) return header;
  header.root = views.root;
  header.parent = views.parent;
  header.sampled = views.sampled;
  read_tracestate(header, tracestate);
  return header;
}

TraceHeader read_trace_headers(std::string_view x_amzn_trace_id, std::string_view traceparent,
                               std::string_view tracestate) {
  TraceHeader own = parse_trace_header(x_amzn_trace_id);
  TraceHeader other = parse_traceparent(traceparent, tracestate);
  if (!is_callers(own) && other.root) return other;
  if (!own.root) return own;
  if (own.root == other.root) own.tracestate = std::move(other.tracestate);
  return own;
}

}  // namespace xtrace
