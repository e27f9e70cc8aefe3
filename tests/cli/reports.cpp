#include "reports.h"

#include <chrono>

#include "report_parts.h"

namespace xtrace::testing {

using cli::EmitReport;
using cli::Report;

Report plain_http() {
  Report report = connected("GET", "http://api.example.com/v1/orders", 1803);
  exchange(report, 302, 305, 1731);
  answer(report, 200, "OK", 1856);
  return report;
}

Report plain_https() {
  Report report = connected("GET", "https://api.example.com/v1/orders", 2200);
  exchange(report, 699, 702, 2128);
  answer(report, 200, "OK", 1856);
  report.emit = sent(8, 2300);
  report.documents = {R"({"name":"xtrace","id":"70de5b6f19ff9a0a"})",
                      R"({"name":"api.example.com","type":"subsegment"})"};
  return report;
}

Report silent_ipv6() {
  Report report = base("GET", "http://reports.example.com/monthly", 3184);
  Timeline& timeline = timeline_of(report);
  const Address v6 = ip("2001:db8:85a3:8d3:1319:8a2e:370:7348", 80);
  timeline.remote = ip("203.0.113.5", 80);
  timeline.local = ip("10.0.0.2", 41000);
  timeline.dns = DnsFacts{"reports.example.com", {v6, timeline.remote}, false, "system"};
  timeline.set(Phase::dns, span(0, 31));
  dial(timeline, v6, span(31, 2745, Outcome::abandoned));
  dial(timeline, timeline.remote, span(2531, 2745));
  timeline.set(Phase::connect, span(0, 2745));
  exchange(report, 2745, 2747, 3150);
  answer(report, 200, "OK", 612);
  return report;
}

Report refused_ipv6() {
  Report report = silent_ipv6();
  Timeline& timeline = timeline_of(report);
  timeline.dials[0].span = span(31, 42, Outcome::error);
  timeline.dials[0].error =
      Error{Error::Code::connect_refused, Phase::dial,
            "connect [2001:db8:85a3:8d3:1319:8a2e:370:7348]:80: connection refused (ECONNREFUSED)"};
  timeline.dials[1].span = span(42, 256);
  timeline.set(Phase::connect, span(0, 256));
  timeline.total = tenths(695);
  exchange(report, 256, 258, 661);
  return report;
}

Report reused_connection() {
  Report report = base("GET", "https://api.example.com/v1/orders", 1213);
  Timeline& timeline = timeline_of(report);
  timeline.reused = true;
  timeline.idle_time = std::chrono::milliseconds(1500);
  timeline.remote = ip("203.0.113.7", 443);
  timeline.local = ip("10.0.0.2", 41000);
  timeline.tls = tls_info();
  timeline.set(Phase::queue, {Duration{}, std::chrono::microseconds(3), Outcome::ok});
  exchange(report, 0, 2, 1140);
  timeline.set(Phase::request, {std::chrono::microseconds(3), tenths(2), Outcome::ok});
  answer(report, 200, "OK", 1856);
  report.emit = sent(4, 1310);
  return report;
}

Report unix_socket() {
  Report report = base("GET", "http://localhost/containers/json", 31);
  Timeline& timeline = timeline_of(report);
  timeline.remote =
      Address::from_path("/run/user/1000/a-rather-long-directory-name/engine/api.sock").value();
  dial(timeline, timeline.remote, span(0, 1));
  timeline.set(Phase::connect, span(0, 1));
  exchange(report, 1, 2, 29);
  answer(report, 200, "OK", 2);
  return report;
}

Report judged_not_found() {
  Report report = base("GET", "http://192.0.2.10:8080/missing", 248);
  Timeline& timeline = timeline_of(report);
  timeline.remote = ip("192.0.2.10", 8080);
  timeline.local = ip("10.0.0.2", 41000);
  dial(timeline, timeline.remote, span(0, 87));
  timeline.set(Phase::connect, span(0, 87));
  exchange(report, 87, 88, 240);
  answer(report, 404, "Not Found", 153);
  report.exit_code = 22;
  report.judgement = "the status 404 is 400 or more (--fail)";
  return report;
}

Report early_response() {
  Report report = connected("POST", "http://api.example.com/v1/upload", 2210);
  Timeline& timeline = timeline_of(report);
  timeline.early_response = true;
  timeline.set(Phase::request, span(302, 1960));
  timeline.set(Phase::response, span(1204, 1204));
  timeline.set(Phase::body, span(1204, 2210));
  timeline.request_body_bytes = 40000000;
  answer(report, 413, "Payload Too Large", 183);
  return report;
}

Report early_hints() {
  Report report = plain_https();
  Timeline& timeline = timeline_of(report);
  timeline.interims[0] = {103, tenths(950)};
  timeline.interims[1] = {103, tenths(1602)};
  timeline.interim_count = 2;
  return report;
}

Report head_request() {
  Report report = plain_http();
  report.method = "HEAD";
  timeline_of(report).response_body_bytes = 0;
  return report;
}

Report no_content() {
  Report report = plain_http();
  report.method = "DELETE";
  answer(report, 204, "No Content", 0);
  attempt_of(report).response->content_length.reset();
  return report;
}

Report tiny() {
  using std::chrono::microseconds;
  Report report = base("GET", "http://127.0.0.1:8080/", 0);
  Timeline& timeline = timeline_of(report);
  timeline.total = std::chrono::nanoseconds(340'400);
  timeline.remote = ip("127.0.0.1", 8080);
  timeline.local = ip("127.0.0.1", 41000);
  timeline.set(Phase::queue, {Duration{}, Duration(2'400), Outcome::ok});
  dial(timeline, timeline.remote, {Duration(11'700), Duration(78'900), Outcome::ok});
  timeline.set(Phase::connect, {Duration(11'700), Duration(78'900), Outcome::ok});
  timeline.set(Phase::request, {Duration(84'100), Duration(112'300), Outcome::ok});
  timeline.set(Phase::response, {Duration(112'300), Duration(301'600), Outcome::ok});
  timeline.set(Phase::body, {Duration(301'600), Duration(336'200), Outcome::ok});
  answer(report, 200, "OK", 12);
  return report;
}

Report huge() {
  Report report = connected("GET", "https://api.example.com/export", 1834205);
  exchange(report, 699, 702, 452128);
  answer(report, 200, "OK", 4812345678);
  return report;
}

Report strained() {
  Report report = plain_https();
  Timeline& timeline = timeline_of(report);
  timeline.total = tenths(2910);
  timeline.set(Phase::queue, span(0, 4));
  timeline.set(Phase::dns_wait, span(4, 710));
  timeline.set(Phase::dns, span(710, 1790));
  timeline.dials[0].span = span(1797, 1981);
  timeline.set(Phase::tls, span(1981, 2378));
  timeline.set(Phase::connect, span(4, 2378));
  exchange(report, 2378, 2381, 2838);
  timeline.loop_delay = std::chrono::microseconds(63210);
  timeline.tls->peer_not_after =
      timeline.started.wall + std::chrono::days(3) + std::chrono::hours(5);
  timeline.tls->verified = false;
  return report;
}

Report unsampled() {
  Report report = plain_http();
  report.sampled = false;
  report.emit = EmitReport{};
  return report;
}

}  // namespace xtrace::testing
