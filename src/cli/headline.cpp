#include "cli/headline.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "cli/paint.h"
#include "cli/text.h"
#include "cli/units.h"

namespace xtrace::cli {

namespace {

/// Longer addresses are paths of Unix sockets.
constexpr std::size_t kLongestAddress = 48;

Duration limit_of(Error::Code code, const AttemptReport* attempt, const Timeouts& limits) {
  using enum Error::Code;
  switch (code) {
    case dns_timeout:
      return limits.dns;
    case connect_timeout:
      return limits.connect;
    case pool_timeout:
      return limits.wait;
    case proxy_timeout:
      return limits.proxy;
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
    case attempt_timeout:
      return attempt == nullptr ? Duration{} : attempt->limit.value_or(Duration{});
    default:
      return {};
  }
}

bool is_stall(Error::Code code) {
  using enum Error::Code;
  return code == send_stalled || code == response_stalled || code == body_stalled;
}

std::string describe_error(const Error& error, const AttemptReport* attempt,
                           const Timeouts& limits) {
  if (attempt != nullptr && attempt->superseded) return "SENT AGAIN: " + error.message;
  if (error.code == Error::Code::cancelled) {
    return "INTERRUPTED " + std::string(deed_of(error.phase));
  }
  if (is_timeout(error.code)) {
    std::string text = "TIMED OUT " + std::string(deed_of(error.phase));
    const bool is_of_attempt = error.code == Error::Code::attempt_timeout;
    const bool is_of_dial =
        error.phase == Phase::dial && limits.dial > Duration{} && !is_of_attempt;
    const Duration limit = is_of_dial ? limits.dial : limit_of(error.code, attempt, limits);
    if (limit <= Duration{}) return text;
    text += is_stall(error.code) ? " (nothing moved for "
            : is_of_attempt      ? " (attempt limit "
                                 : " (limit ";
    return text + format_brief(limit) + ")";
  }
  if (error.code == Error::Code::breaker_open) return "NOT SENT: " + error.message;
  if (error.code == Error::Code::redundant) return "CANCELLED " + std::string(deed_of(error.phase));
  if (error.phase == Phase::none) return "FAILED: " + error.message;
  return "FAILED in " + std::string(to_string(error.phase)) + ": " + error.message;
}

enum class Wording : unsigned char { full, brief };

std::string describe_address(const Timeline& timeline, Wording wording, const Style& style) {
  const std::string address = escape_for_terminal(timeline.remote.to_string(), style);
  std::string text = cut_to_width(address, kLongestAddress, style);
  if (!timeline.dns || timeline.dns->addresses.size() < 2 || timeline.reused) return text;
  text += " (of " + std::to_string(timeline.dns->addresses.size());
  return text + (wording == Wording::full ? " addresses)" : ")");
}

std::string describe_proxy(const Timeline& timeline, Wording wording, const Style& style) {
  if (timeline.proxy.empty()) return {};
  if (wording == Wording::brief) return "by proxy";
  return "by proxy " + escape_for_terminal(timeline.proxy, style);
}

std::string describe_tls(const Timeline& timeline, const Style& style) {
  if (!timeline.tls) return {};
  std::string text = escape_for_terminal(timeline.tls->version, style);
  if (timeline.tls->resumed) text += " resumed";
  if (!timeline.tls->verified && !timeline.error) text += " (certificate not checked)";
  return text;
}

std::string describe_connection(const Timeline& timeline, Wording wording) {
  if (!timeline.reused) return "new connection";
  std::string text = wording == Wording::full ? "reused connection" : "reused";
  if (timeline.idle_time) text += " (idle " + format_measured(*timeline.idle_time) + ")";
  return text;
}

std::string describe_size(const Report& report, const AttemptReport& attempt, const Style& style) {
  const int status = attempt.response->status;
  const std::uint64_t bytes = attempt.timeline.response_body_bytes;
  if (!attempt.timeline.content_encoding.empty()) {
    return format_size(bytes) + " " +
           escape_for_terminal(attempt.timeline.content_encoding, style) + ", " +
           format_size(attempt.timeline.decoded_body_bytes) + " decoded";
  }
  if (bytes > 0) return format_size(bytes);
  return report.method == "HEAD" || status == 204 || status == 304 ? "no body" : "empty body";
}

std::string describe_status(const Response& response, const Style& style) {
  std::string status = std::to_string(response.status);
  if (!response.reason.empty()) status += " " + escape_for_terminal(response.reason, style);
  return status;
}

std::string describe_version(const Response& response) {
  return "HTTP/1." + std::to_string(response.version_minor);
}

std::string draw_success(const Report& report, const AttemptReport& attempt, Wording wording,
                         const Style& style) {
  Flow flow(style, 2);
  if (attempt.response) {
    const Response& response = *attempt.response;
    flow.piece(describe_status(response, style), role_of_status(response.status));
    flow.piece(describe_version(response));
  }
  flow.piece(describe_address(attempt.timeline, wording, style));
  flow.piece(describe_proxy(attempt.timeline, wording, style));
  flow.piece(describe_tls(attempt.timeline, style));
  flow.piece(describe_connection(attempt.timeline, wording));
  if (attempt.response) flow.piece(describe_size(report, attempt, style));
  return flow.finish();
}

bool is_one_line(const std::string& text) {
  return text.find('\n') + 1 == text.size();
}

/// The verdict is to be one line: where the full words take two, fewer may do.
std::string draw_shortest(const Report& report, const AttemptReport& attempt, const Style& style) {
  std::string full = draw_success(report, attempt, Wording::full, style);
  if (is_one_line(full)) return full;
  std::string brief = draw_success(report, attempt, Wording::brief, style);
  return is_one_line(brief) ? brief : full;
}

/// What is known of the connection and the answer that a failure cut off.
std::vector<std::string> describe_reached(const AttemptReport& attempt, const Style& style) {
  std::vector<std::string> facts;
  if (attempt.response) {
    facts.push_back(describe_status(*attempt.response, style));
    facts.push_back(describe_version(*attempt.response));
  }
  // The dials' rows and the message name the addresses when none of them answered.
  const Timeline& timeline = attempt.timeline;
  if (timeline.remote.is_set()) facts.push_back(describe_address(timeline, Wording::full, style));
  const bool is_named =
      timeline.error && timeline.error->message.find(timeline.proxy) != std::string::npos;
  if (!timeline.proxy.empty() && !is_named)
    facts.push_back(describe_proxy(timeline, Wording::full, style));
  if (timeline.tls) facts.push_back(describe_tls(timeline, style));
  if (timeline.reused) facts.push_back(describe_connection(timeline, Wording::full));
  return facts;
}

std::string draw_failure(const Report& report, const AttemptReport* attempt, const Error& error,
                         const Style& style) {
  const std::string message =
      escape_for_terminal(describe_error(error, attempt, report.limits), style);
  std::vector<std::string> facts;
  if (attempt != nullptr) facts = describe_reached(*attempt, style);
  std::size_t width = display_width(message) + 1;
  for (const std::string& fact : facts) width += 2 + display_width(fact);

  Flow flow(style, 2);
  flow.piece(message, Role::fault);
  if (width > static_cast<std::size_t>(style.width)) flow.end_line();
  std::size_t gap = 3;
  for (const std::string& fact : facts) {
    flow.piece(fact, Role::plain, std::exchange(gap, 2));
  }
  return flow.finish();
}

}  // namespace

std::string draw_headline(const Report& report, const AttemptReport* attempt, const Style& style) {
  const bool has_own_error = attempt != nullptr && attempt->timeline.error.has_value();
  const bool is_last = attempt == nullptr || !attempt->superseded;
  const std::optional<Error> error = has_own_error ? attempt->timeline.error
                                     : is_last     ? report.error
                                                   : std::nullopt;
  std::string text = error                ? draw_failure(report, attempt, *error, style)
                     : attempt != nullptr ? draw_shortest(report, *attempt, style)
                                          : std::string();
  if (is_last && !report.judgement.empty()) {
    Flow flow(style, 2);
    flow.piece("!", Role::error);
    flow.piece(escape_for_terminal(report.judgement, style), Role::error, 1);
    text += flow.finish();
  }
  return text;
}

std::string_view deed_of(Phase phase) {
  switch (phase) {
    case Phase::queue:
      return "waiting for a connection";
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

std::string words_of(Error::Code code) {
  std::string words(to_string(code));
  std::ranges::replace(words, '_', ' ');
  return words;
}

}  // namespace xtrace::cli
