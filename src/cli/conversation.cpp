#include "cli/conversation.h"

#include <array>
#include <charconv>

#include "cli/process.h"
#include "cli/text.h"
#include "cli/units.h"

namespace xtrace::cli {

namespace {

std::string milliseconds_since(Tick start) {
  const std::chrono::duration<double, std::milli> elapsed =
      std::chrono::steady_clock::now() - start;
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), elapsed.count(),
                                 std::chars_format::fixed, 1);
  std::string text(buffer.data(), end.ptr);
  constexpr std::size_t kColumn = 8;
  if (text.size() < kColumn) text.insert(0, kColumn - text.size(), ' ');
  return text + "ms ";
}

std::string list_addresses(std::span<const Address> addresses) {
  std::string list;
  for (const Address& address : addresses) list += (list.empty() ? "" : ", ") + address.host();
  return list;
}

std::string describe(const TlsInfo& tls) {
  std::string text = tls.version + " " + tls.cipher;
  if (!tls.alpn.empty()) text += ", " + tls.alpn;
  if (tls.resumed) text += ", session resumed";
  text += tls.verified ? ", certificate verified: " : ", certificate NOT verified: ";
  return text + tls.peer_subject + ", issued by " + tls.peer_issuer + ", valid until " +
         format_utc(tls.peer_not_after);
}

std::string describe(const GotConnInfo& connection) {
  std::string text = connection.reused ? "reused connection" : "new connection";
  if (connection.was_idle) text += ", idle for " + format_measured(connection.idle_time) + ",";
  return text + " from " + connection.local.to_string() + " to " + connection.remote.to_string();
}

/// Empty where the end of the attempt says it all.
std::string_view reason_of(RetryDecision::Veto veto) {
  using enum RetryDecision::Veto;
  switch (veto) {
    case not_repeatable:
      return "the request is not to be repeated";
    case budget:
      return "too many retries are under way";
    case breaker:
      return "the circuit breaker is open";
    case deadline:
      return "the time for all attempts is over";
    default:
      return {};
  }
}

std::string describe_end(const Timeline& timeline) {
  if (!timeline.error) return "done, " + format_size(timeline.response_body_bytes) + " of body";
  if (timeline.error->code == Error::Code::redundant) return timeline.error->message;
  // Only a signal cancels a command's request.
  if (timeline.error->code == Error::Code::cancelled) return "interrupted";
  return "failed: " + timeline.error->message;
}

}  // namespace

Conversation::Conversation(const Options& options)
    : options_(options), started_(options.started.value_or(std::chrono::steady_clock::now())) {}

Conversation::~Conversation() = default;

ClientTrace Conversation::hooks() {
  ClientTrace trace;
  hear_connecting(trace);
  hear_connection(trace);
  hear_request(trace);
  hear_response(trace);
  return trace;
}

void Conversation::expect(const Request& request) {
  const bool redacts = options_.redaction == Redaction::on;
  const std::string target = redacts ? redact_target(request.url) : request.url.target();
  request_line_ = request.method + " " + target + " HTTP/1.1";
  wrote_request_line_ = false;
}

void Conversation::hear_connecting(ClientTrace& trace) {
  trace.dns_start = [this](std::string_view host) { tell("looking up " + std::string(host)); };
  trace.dns_done = [this](const DnsDoneInfo& info) {
    tell(info.error != nullptr ? info.error->message : "found " + list_addresses(info.addresses));
  };
  trace.connect_start = [this](std::string_view network, const Address& address) {
    tell("connecting to " + address.to_string() + " (" + std::string(network) + ")");
  };
  trace.connect_done = [this](std::string_view, const Address& address, const Error* error) {
    if (error == nullptr) return tell("connected to " + address.to_string());
    if (error->code == Error::Code::cancelled) return tell("gave up on " + address.to_string());
    tell(error->message);
  };
  trace.tls_handshake_start = [this] { tell("TLS handshake begins"); };
  trace.tls_handshake_done = [this](const TlsInfo* info, const Error* error) {
    tell(error != nullptr ? error->message : describe(*info));
  };
  trace.proxy_start = [this](std::string_view proxy) {
    tell("asking the proxy " + std::string(proxy) + " for a tunnel");
  };
  trace.proxy_done = [this](const Error* error) {
    tell(error != nullptr ? error->message : "the tunnel is open");
  };
}

void Conversation::hear_connection(ClientTrace& trace) {
  trace.get_conn = [this](std::string_view host_port) {
    tell("looking for a connection to " + std::string(host_port));
  };
  trace.got_conn = [this](const GotConnInfo& info) { tell(describe(info)); };
  trace.got_conn_failed = [this](const Error& error) { tell("no connection: " + error.message); };
  trace.put_idle_conn = [this](const Error* error) {
    tell(error != nullptr ? "the connection is closed: " + error->message
                          : "the connection is kept for the next request");
  };
  trace.redirected = [this](int status, const Url& to) {
    const bool redacts = options_.redaction == Redaction::on;
    tell("redirected by " + std::to_string(status) + " to " +
         (redacts ? to.redacted() : to.full()));
  };
  trace.retry_scheduled = [this](const RetryInfo& info) {
    std::string text = "the request is sent again";
    if (info.delay > Duration{}) text += " in " + format_measured(info.delay);
    tell(info.error != nullptr ? text + ": " + info.error->message : text);
  };
  trace.race_started = [this](const RaceInfo& info) {
    tell("attempt " + std::to_string(info.attempt) + " starts beside the one that is slow, after " +
         format_measured(info.after));
  };
  trace.attempt_redundant = [this](int attempt) {
    tell("attempt " + std::to_string(attempt) + " has lost the race and is cancelled");
  };
}

void Conversation::hear_request(ClientTrace& trace) {
  trace.wrote_header_field = [this](std::string_view name, std::string_view value) {
    if (!wrote_request_line_) show('>', request_line_);
    wrote_request_line_ = true;
    show_field('>', name, value);
  };
  trace.wrote_headers = [this] { show('>', {}); };
  trace.wait_100_continue = [this] { tell("the body waits for 100 Continue"); };
  trace.wrote_request = [this](const WroteRequestInfo& info) {
    tell(info.error != nullptr ? info.error->message : "the request is sent");
  };
}

void Conversation::hear_response(ClientTrace& trace) {
  trace.got_first_response_byte = [this] { tell("first byte of the response"); };
  trace.got_1xx_response = [this](int status, const Headers& headers) {
    show_head("HTTP/1.1 " + std::to_string(status), headers);
  };
  trace.got_response_head = [this](const Response& response) {
    std::string line = "HTTP/1." + std::to_string(response.version_minor) + " " +
                       std::to_string(response.status) + " " + response.reason;
    show_head(line, response.headers);
  };
  trace.request_done = [this](const Timeline& timeline) { tell(describe_end(timeline)); };
}

void Conversation::tell_wait(const WaitRecord& wait) {
  const std::string_view reason =
      wait.reason == WaitRecord::Reason::retry_after ? ", as the server asks" : "";
  tell("waiting " + format_measured(wait.planned) + std::string(reason));
}

void Conversation::tell_decision(const RetryDecision& decision) {
  const std::string attempt = "attempt " + std::to_string(decision.attempt);
  const std::string_view reason = reason_of(decision.veto);
  if (decision.retries()) return tell(attempt + " is not the last");
  if (!reason.empty()) tell(attempt + " is the last: " + std::string(reason));
}

void Conversation::tell_decision(const RaceDecision& decision) {
  const std::string rival = "attempt " + std::to_string(decision.rival);
  if (decision.starts()) return tell(rival + " starts beside what is slow");
  const bool is_by_breaker = decision.veto == RaceDecision::Veto::breaker;
  tell(rival + " is not started" + (is_by_breaker ? ": the circuit breaker is not closed" : ""));
}

void Conversation::tell(std::string_view what) {
  show('*', milliseconds_since(started_) + std::string(what));
}

void Conversation::show(char mark, std::string_view line) {
  std::string text = options_.label + mark;
  if (!line.empty()) text += " " + escape_for_terminal(line, options_.style);
  // Nothing depends on stderr being read.
  static_cast<void>(write_all(options_.descriptor, text + "\n"));
}

void Conversation::show_field(char mark, std::string_view name, std::string_view value) {
  const bool redacts = options_.redaction == Redaction::on;
  show(mark, std::string(name) + ": " + (redacts ? redact_value(name, value) : std::string(value)));
}

void Conversation::show_head(const std::string& status_line, const Headers& headers) {
  show('<', status_line);
  for (const Header& field : headers) show_field('<', field.name, field.value);
  show('<', {});
}

}  // namespace xtrace::cli
