#include "cli/headline.h"

#include "cli/paint.h"
#include "cli/text.h"
#include "cli/units.h"

namespace xtrace::cli {

namespace {

/// Longer addresses are paths of Unix sockets.
constexpr std::size_t kLongestAddress = 48;

Duration limit_of(Error::Code code, const Timeouts& limits) {
  using enum Error::Code;
  switch (code) {
    case dns_timeout:
      return limits.dns;
    case connect_timeout:
      return limits.connect;
    case tls_timeout:
      return limits.tls;
    case response_timeout:
      return limits.response;
    case send_stalled:
    case response_stalled:
    case body_stalled:
      return limits.idle;
    case call_timeout:
      return limits.total;
    default:
      return {};
  }
}

bool is_stall(Error::Code code) {
  using enum Error::Code;
  return code == send_stalled || code == response_stalled || code == body_stalled;
}

std::string describe_error(const Error& error, const Timeouts& limits) {
  if (error.code == Error::Code::cancelled)
    return "INTERRUPTED " + std::string(deed_of(error.phase));
  if (is_timeout(error.code)) {
    std::string text = "TIMED OUT " + std::string(deed_of(error.phase));
    const Duration limit = limit_of(error.code, limits);
    if (limit <= Duration{}) return text;
    text += is_stall(error.code) ? " (nothing moved for " : " (limit ";
    return text + format_brief(limit) + ")";
  }
  if (error.phase == Phase::none) return "FAILED: " + error.message;
  return "FAILED in " + std::string(to_string(error.phase)) + ": " + error.message;
}

std::string describe_address(const Timeline& timeline, const Style& style) {
  const std::string address = escape_for_terminal(timeline.remote.to_string(), style);
  std::string text = cut_to_width(address, kLongestAddress, style);
  if (!timeline.dns || timeline.dns->addresses.size() < 2 || timeline.reused) return text;
  return text + " (of " + std::to_string(timeline.dns->addresses.size()) + " addresses)";
}

std::string describe_tls(const Timeline& timeline, const Style& style) {
  if (!timeline.tls) return {};
  std::string text = escape_for_terminal(timeline.tls->version, style);
  if (timeline.tls->resumed) text += " resumed";
  if (!timeline.tls->verified && !timeline.error) text += " (certificate not checked)";
  return text;
}

std::string describe_connection(const Timeline& timeline) {
  if (!timeline.reused) return "new connection";
  std::string text = "reused connection";
  if (timeline.idle_time) text += " (idle " + format_brief(*timeline.idle_time) + ")";
  return text;
}

std::string describe_size(const Report& report, const AttemptReport& attempt) {
  const int status = attempt.response->status;
  const std::uint64_t bytes = attempt.timeline.response_body_bytes;
  if (bytes > 0) return format_size(bytes);
  return report.method == "HEAD" || status == 204 || status == 304 ? "no body" : "empty body";
}

void add_status(Flow& flow, const Response& response, const Style& style, std::size_t gap) {
  std::string status = std::to_string(response.status);
  if (!response.reason.empty()) status += " " + escape_for_terminal(response.reason, style);
  flow.piece(status, role_of_status(response.status), gap);
  flow.piece("HTTP/1." + std::to_string(response.version_minor));
}

std::string draw_success(const Report& report, const AttemptReport& attempt, const Style& style) {
  Flow flow(style, 2);
  if (attempt.response) add_status(flow, *attempt.response, style, 0);
  flow.piece(describe_address(attempt.timeline, style));
  flow.piece(describe_tls(attempt.timeline, style));
  flow.piece(describe_connection(attempt.timeline));
  if (attempt.response) flow.piece(describe_size(report, attempt));
  return flow.finish();
}

std::string draw_failure(const Report& report, const AttemptReport* attempt, const Error& error,
                         const Style& style) {
  Flow flow(style, 2);
  flow.piece(escape_for_terminal(describe_error(error, report.limits), style), Role::fault);
  if (attempt != nullptr) {
    std::size_t gap = 3;
    if (attempt->response) {
      add_status(flow, *attempt->response, style, gap);
      gap = 2;
    }
    // The dials' rows and the message name the addresses when none of them answered.
    if (attempt->timeline.remote.is_set()) {
      flow.piece(describe_address(attempt->timeline, style), Role::plain, gap);
    }
    flow.piece(describe_tls(attempt->timeline, style));
    if (attempt->timeline.reused) flow.piece(describe_connection(attempt->timeline));
  }
  return flow.finish();
}

}  // namespace

std::string draw_headline(const Report& report, const AttemptReport* attempt, const Style& style) {
  const bool has_own_error = attempt != nullptr && attempt->timeline.error.has_value();
  const std::optional<Error>& error = has_own_error ? attempt->timeline.error : report.error;
  std::string text = error                ? draw_failure(report, attempt, *error, style)
                     : attempt != nullptr ? draw_success(report, *attempt, style)
                                          : std::string();
  if (!report.judgement.empty()) {
    Flow flow(style, 2);
    flow.piece("!", Role::error);
    flow.piece(escape_for_terminal(report.judgement, style), Role::error, 1);
    text += flow.finish();
  }
  return text;
}

std::string_view deed_of(Phase phase) {
  switch (phase) {
    case Phase::dns_wait:
    case Phase::dns:
      return "looking up the name";
    case Phase::dial:
    case Phase::connect:
      return "connecting";
    case Phase::proxy:
      return "asking the proxy for a tunnel";
    case Phase::tls:
      return "in the TLS handshake";
    case Phase::request:
      return "sending the request";
    case Phase::response:
      return "waiting for the first byte";
    case Phase::body:
      return "receiving the body";
    default:
      return "before connecting";
  }
}

}  // namespace xtrace::cli
