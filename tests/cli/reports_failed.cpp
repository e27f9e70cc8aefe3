#include <chrono>

#include "report_parts.h"
#include "reports.h"

namespace xtrace::testing {

using cli::AttemptReport;
using cli::Report;

namespace {

void fail_call(Report& report, Error error, int exit_code) {
  timeline_of(report).error = error;
  report.error = std::move(error);
  report.exit_code = exit_code;
}

}  // namespace

Report failed_url() {
  Report report;
  report.method = "GET";
  report.url = "gopher://example.com/";
  report.error = Error{Error::Code::unsupported_scheme, Phase::none,
                       "URL gopher://example.com/: the scheme gopher is neither http nor https"};
  report.exit_code = 3;
  return report;
}

Report failed_dns() {
  Report report = base("GET", "http://nowhere.example.com/", 41);
  Timeline& timeline = timeline_of(report);
  timeline.set(Phase::dns, span(0, 41, Outcome::error));
  timeline.set(Phase::connect, span(0, 41, Outcome::error));
  fail_call(report,
            {Error::Code::dns_not_found, Phase::dns,
             "look up nowhere.example.com: no address is known for this name (EAI_NONAME)"},
            6);
  return report;
}

Report failed_dial() {
  Report report = base("GET", "http://127.0.0.1:9/", 2);
  Timeline& timeline = timeline_of(report);
  const Address address = ip("127.0.0.1", 9);
  Error error{Error::Code::connect_refused, Phase::connect,
              "connect 127.0.0.1:9: connection refused (ECONNREFUSED)"};
  dial(timeline, address, span(0, 2, Outcome::error));
  timeline.dials[0].error = error;
  timeline.set(Phase::connect, span(0, 2, Outcome::error));
  fail_call(report, std::move(error), 7);
  return report;
}

Report failed_family() {
  Report report = base("GET", "http://[::1]:8080/", 2);
  Timeline& timeline = timeline_of(report);
  timeline.set(Phase::queue, span(0, 1));
  timeline.set(Phase::connect, span(1, 2, Outcome::error));
  fail_call(report,
            {Error::Code::connect_unreachable, Phase::connect,
             "connect ::1: only IPv4 is allowed and ::1 is not an IPv4 address"},
            7);
  return report;
}

Report timed_out_dial() {
  Report report = base("GET", "https://reports.example.com/", 15000);
  Timeline& timeline = timeline_of(report);
  const Address v6 = ip("2001:db8::5", 443);
  const Address v4 = ip("203.0.113.5", 443);
  timeline.dns = DnsFacts{"reports.example.com", {v6, v4}, false, "system"};
  timeline.set(Phase::dns, span(0, 31));
  dial(timeline, v6, span(31, 15000, Outcome::timeout));
  dial(timeline, v4, span(2531, 15000, Outcome::timeout));
  timeline.set(Phase::connect, span(0, 15000, Outcome::timeout));
  report.limits.connect = std::chrono::milliseconds(1500);
  fail_call(
      report,
      {Error::Code::connect_timeout, Phase::connect, "connect reports.example.com:443: no answer"},
      28);
  return report;
}

Report failed_tls() {
  Report report = connected("GET", "https://api.example.com/v1/orders", 699);
  Timeline& timeline = timeline_of(report);
  timeline.set(Phase::tls, span(302, 699, Outcome::error));
  timeline.set(Phase::connect, span(0, 699, Outcome::error));
  timeline.tls.reset();
  fail_call(report,
            {Error::Code::cert_expired, Phase::tls,
             "certificate of api.example.com expired on 2025-10-02"},
            60);
  return report;
}

Report failed_request() {
  Report report = connected("PUT", "http://api.example.com/v1/upload", 941);
  Timeline& timeline = timeline_of(report);
  timeline.set(Phase::request, span(302, 941, Outcome::error));
  timeline.request_body_bytes = 3407872;
  fail_call(report,
            {Error::Code::send_failed, Phase::request,
             "send to 203.0.113.7:80: connection reset by peer (ECONNRESET)"},
            55);
  return report;
}

Report failed_response() {
  Report report = connected("GET", "http://api.example.com/v1/orders", 458);
  Timeline& timeline = timeline_of(report);
  timeline.set(Phase::request, span(302, 305));
  timeline.set(Phase::response, span(305, 458, Outcome::error));
  fail_call(report,
            {Error::Code::empty_reply, Phase::response,
             "203.0.113.7:80 closed the connection without sending a byte"},
            52);
  return report;
}

Report timed_out_response() {
  Report report = silent_ipv6();
  report.url = "https://reports.example.com/monthly";
  report.legs.front().url = report.url;
  attempt_of(report).response.reset();
  Timeline& timeline = timeline_of(report);
  const Timeline before = timeline;
  timeline = Timeline{};
  timeline.started = before.started;
  timeline.total = tenths(20000);
  timeline.local = before.local;
  timeline.remote = ip("203.0.113.5", 443);
  timeline.dns = DnsFacts{
      "reports.example.com", {ip("2001:db8::5", 0), ip("203.0.113.5", 0)}, false, "system"};
  timeline.tls = tls_info();
  timeline.set(Phase::dns, span(0, 31));
  dial(timeline, ip("2001:db8::5", 443), span(31, 2745, Outcome::abandoned));
  dial(timeline, timeline.remote, span(2531, 2745));
  timeline.set(Phase::tls, span(2745, 3185));
  timeline.set(Phase::connect, span(0, 3185));
  timeline.set(Phase::request, span(3185, 3187));
  timeline.set(Phase::response, span(3187, 20000, Outcome::timeout));
  report.limits.total = std::chrono::seconds(2);
  report.emit = sent(9, 2710);
  fail_call(report, {Error::Code::call_timeout, Phase::response, "no response within 2s"}, 28);
  return report;
}

Report failed_body() {
  Report report = plain_http();
  timeline_of(report).set(Phase::body, span(1731, 1803, Outcome::error));
  timeline_of(report).response_body_bytes = 1024;
  fail_call(report,
            {Error::Code::body_cut, Phase::body,
             "203.0.113.7:80 closed the connection after 1024 of 1856 bytes of the body"},
            18);
  return report;
}

Report interrupted() {
  Report report = connected("GET", "http://api.example.com/v1/orders", 8120);
  Timeline& timeline = timeline_of(report);
  timeline.set(Phase::request, span(302, 305));
  timeline.set(Phase::response, span(305, 8120, Outcome::abandoned));
  fail_call(report, {Error::Code::cancelled, Phase::response, "the caller gave up"}, 130);
  return report;
}

Report hostile() {
  Report report = failed_tls();
  AttemptReport& attempt = attempt_of(report);
  attempt.response = response(200, "OK\x1b]0;owned\x07");
  attempt.response->headers.add("X-Evil", "a\x1b[2Jb\r\nc\xff \u202egnp \u0085");
  attempt.timeline.error->message =
      "certificate of evil\x1b[31m.example is for \u65e5\u672c.example\n";
  report.judgement = "status\x1b[5m";
  report.emit.reason = "nobody\x07listens";
  return report;
}

}  // namespace xtrace::testing
