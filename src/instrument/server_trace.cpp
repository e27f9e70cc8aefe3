#include <algorithm>
#include <string>
#include <utility>

#include <xtrace/sampler.h>
#include <xtrace/server_trace.h>
#include <xtrace/trace_header.h>

#include "instrument/server_trace_inside.h"
#include "xray/header_views.h"

namespace xtrace {

namespace {

std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(1, std::min(host.find(']'), host.size()) - 1);
  return host.substr(0, host.find(':'));
}

/// The mistake of whoever asked, or a failure of ours?
bool is_callers_mistake(Error::Code code) {
  switch (code) {
    case Error::Code::peer_left:
    case Error::Code::peer_stalled:
    case Error::Code::request_invalid:
    case Error::Code::body_too_large:
      return true;
    default:
      return false;
  }
}

void end_with(Segment& segment, const ServerResponseFacts& response) {
  if (response.status == 0) return segment.end();
  TracerInside::end_segment(segment,
                            {.status = response.status, .content_length = response.content_length});
}

/// Adds the error and its flag to those that are there. A handler that failed by an exception has
/// told why there is no answer.
void record_reason(const SegmentContext& segment, const Error& reason) {
  Flags flags = segment.flags();
  if (flags.fault && reason.code == Error::Code::unanswered) return;
  segment.add_exception(to_string(reason.code), reason.message);
  if (!is_callers_mistake(reason.code)) return;
  flags.error = true;
  segment.set_flags(flags);
}

}  // namespace

// -- ServerSegment --------------------------------------------------------------------------------

ServerSegment::ServerSegment(Segment segment, TraceAnswer answer, Sampled callers)
    : segment_(std::move(segment)),
      answer_(answer),
      was_asked_(callers == Sampled::requested),
      is_over_(!segment_) {}

ServerSegment::ServerSegment(ServerSegment&& other) noexcept
    : segment_(std::move(other.segment_)),
      answer_(other.answer_),
      was_asked_(other.was_asked_),
      is_over_(std::exchange(other.is_over_, true)) {}

ServerSegment& ServerSegment::operator=(ServerSegment&& other) noexcept {
  if (this == &other) return *this;
  give_up();
  segment_ = std::move(other.segment_);
  answer_ = other.answer_;
  was_asked_ = other.was_asked_;
  is_over_ = std::exchange(other.is_over_, true);
  return *this;
}

ServerSegment::~ServerSegment() {
  give_up();
}

std::string ServerSegment::answer_header() const {
  std::string text;
  append_answer_header(text);
  return text;
}

bool ServerSegment::append_answer_header(std::string& out) const {
  const bool is_wanted =
      answer_ == TraceAnswer::always || (answer_ == TraceAnswer::when_asked && was_asked_);
  if (!is_wanted || !segment_.has_trace()) return false;
  const std::size_t start = out.size();
  segment_.append_trace_header(out);
  out.resize(std::min(out.find(';', start), out.size()));  // the root alone
  if (was_asked_) out += segment_.decision().is_sampled ? ";Sampled=1" : ";Sampled=0";
  return true;
}

void ServerSegment::add_exception(const std::exception& exception) {
  segment_.add_exception(exception);
}

void ServerSegment::end(const ServerResponseFacts& response) {
  if (std::exchange(is_over_, true) || !segment_) return;
  end_with(segment_, response);
}

void ServerSegment::abort(const Error& reason, const ServerResponseFacts& response) {
  if (std::exchange(is_over_, true) || !segment_) return;
  record_reason(segment_, reason);
  end_with(segment_, response);
}

void ServerSegment::give_up() {
  if (is_over_) return;
  abort({Error::Code::unanswered, Phase::none,
         "answer the request: its segment was dropped before there was an answer"});
}

// -- ServerTrace ----------------------------------------------------------------------------------

ServerTrace::ServerTrace(Tracer& tracer, ServerTraceConfig config)
    : tracer_(tracer), config_(std::move(config)) {}

ServerSegment ServerTrace::begin(const ServerRequestFacts& request) {
  ServerSegment served = begin_bare(request);
  if (served.segment_) describe(served, request);
  return served;
}

bool ServerTraceInside::is_recorded(const ServerSegment& served) {
  return static_cast<bool>(served.segment_);
}

ServerSegment ServerTraceInside::begin_bare(ServerTrace& trace, const ServerRequestFacts& request) {
  return trace.begin_bare(request);
}

void ServerTraceInside::describe(const ServerTrace& trace, const ServerSegment& served,
                                 const ServerRequestFacts& request) {
  trace.describe(served, request);
}

// Most requests carry no trace, and of the others most what can be read in place.
ServerSegment ServerTrace::begin_bare(const ServerRequestFacts& request) {
  static const HeaderViews none;
  const SamplingRequest sampling{
      .host = request.host, .http_method = request.method, .url_path = request.path};
  const std::string_view name = name_for(request.host);
  const std::string_view traceparent =
      config_.reads_traceparent ? request.traceparent : std::string_view();
  if (request.trace_header.empty() && traceparent.empty()) {
    return {TracerInside::begin_segment(tracer_, name, none, sampling), config_.answer,
            Sampled::unknown};
  }
  if (const auto views =
          view_trace_headers(request.trace_header, traceparent, request.tracestate)) {
    return {TracerInside::begin_segment(tracer_, name, *views, sampling), config_.answer,
            views->sampled};
  }
  const TraceHeader header =
      read_trace_headers(request.trace_header, traceparent, request.tracestate);
  return {tracer_.begin_segment(name, header, sampling), config_.answer, header.sampled};
}

void ServerTrace::describe(const ServerSegment& served, const ServerRequestFacts& request) const {
  thread_local std::string url;
  url.clear();
  if (!request.host.empty()) {
    url += request.scheme;
    url += "://";
    url += request.host;
    if (!request.path.starts_with('/')) url += '/';  // OPTIONS *
  }
  url += request.path;
  const std::optional<std::string_view> forwarded =
      client_ip_of(request.forwarded_for, config_.trusted_hops);
  served.segment_.set_http_request({.method = request.method,
                                    .url = url,
                                    .user_agent = request.user_agent,
                                    .client_ip = forwarded.value_or(request.peer_ip),
                                    .is_forwarded = forwarded.has_value()});
}

std::string_view ServerTrace::name_for(std::string_view host) const {
  if (config_.host_patterns.empty() || host.empty()) return config_.name;
  const std::string_view name = without_port(host);
  const bool is_known =
      !name.empty() && std::ranges::any_of(config_.host_patterns, [name](const std::string& each) {
        return matches_wildcard(each, name);
      });
  return is_known ? name : std::string_view(config_.name);
}

}  // namespace xtrace
