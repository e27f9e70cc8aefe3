#include "report_parts.h"

namespace xtrace::testing {

using cli::AttemptReport;
using cli::EmitReport;
using cli::Report;

Span span(std::int64_t begin, std::int64_t end, Outcome outcome) {
  return {tenths(begin), tenths(end), outcome};
}

Address ip(std::string_view literal, std::uint16_t port) {
  return Address::from_ip(literal, port).value();
}

void dial(Timeline& timeline, const Address& address, const Span& when) {
  timeline.dials[timeline.dial_count++] = {address, when, std::nullopt};
}

Timeline& timeline_of(Report& report) {
  return report.legs.front().attempts.front().timeline;
}

AttemptReport& attempt_of(Report& report) {
  return report.legs.front().attempts.front();
}

TlsInfo tls_info() {
  using namespace std::chrono;
  TlsInfo info;
  info.version = "TLSv1.2";
  info.cipher = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
  info.alpn = "http/1.1";
  info.verified = true;
  info.peer_subject = "CN=api.example.com";
  info.peer_issuer = "CN=Example CA";
  info.peer_not_after = sys_days(year(2027) / 1 / 1);
  return info;
}

Response response(int status, std::string_view reason) {
  Response answer;
  answer.status = status;
  answer.reason = reason;
  answer.headers = {{"Server", "nginx"},
                    {"Date", "Fri, 21 Nov 2025 00:40:00 GMT"},
                    {"Content-Type", "application/json"},
                    {"Connection", "keep-alive"}};
  return answer;
}

namespace {

EmitReport refused() {
  EmitReport emit;
  emit.outcome = EmitReport::Outcome::refused;
  emit.to = "udp://127.0.0.1:2000";
  emit.documents = 1;
  emit.datagrams = 1;
  emit.bytes = 1420;
  emit.segments = 1;
  emit.subsegments = 6;
  return emit;
}

}  // namespace

EmitReport sent(std::size_t subsegments, std::size_t bytes) {
  EmitReport emit = refused();
  emit.outcome = EmitReport::Outcome::sent;
  emit.bytes = bytes;
  emit.subsegments = subsegments;
  return emit;
}

Report base(std::string_view method, std::string_view url, std::int64_t total) {
  Report report;
  report.trace_id = "1-6b00e7f1-4d1e0c6fb1a2c3d4e5f60718";
  report.method = method;
  report.url = url;
  report.emit = refused();
  AttemptReport attempt;
  attempt.timeline.started = {WallTime(std::chrono::microseconds(1763685600123456)),
                              Tick(std::chrono::seconds(100))};
  attempt.timeline.total = tenths(total);
  report.legs.push_back({std::string(url), {attempt}});
  return report;
}

void answer(Report& report, int status, std::string_view reason, std::uint64_t bytes) {
  attempt_of(report).response = response(status, reason);
  attempt_of(report).response->content_length = bytes;
  timeline_of(report).response_body_bytes = bytes;
}

Report connected(std::string_view method, std::string_view url, std::int64_t total) {
  Report report = base(method, url, total);
  Timeline& timeline = timeline_of(report);
  const bool is_https = url.starts_with("https:");
  timeline.dns =
      DnsFacts{"api.example.com", {ip("203.0.113.7", 0), ip("203.0.113.8", 0)}, false, "system"};
  timeline.set(Phase::dns, span(0, 118));
  timeline.remote = ip("203.0.113.7", is_https ? 443 : 80);
  timeline.local = ip("10.0.0.2", 41000);
  dial(timeline, timeline.remote, span(118, 302));
  timeline.set(Phase::connect, span(0, is_https ? 699 : 302));
  if (is_https) {
    timeline.set(Phase::tls, span(302, 699));
    timeline.tls = tls_info();
  }
  timeline.request_head_bytes = 214;
  return report;
}

void exchange(Report& report, std::int64_t begin, std::int64_t sent_at, std::int64_t first_byte) {
  Timeline& timeline = timeline_of(report);
  timeline.set(Phase::request, span(begin, sent_at));
  timeline.set(Phase::response, span(sent_at, first_byte));
  timeline.set(Phase::body, {tenths(first_byte), timeline.total, Outcome::ok});
}

}  // namespace xtrace::testing
