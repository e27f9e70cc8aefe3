#include <chrono>

#include "report_parts.h"
#include "reports.h"

namespace xtrace::testing {

using cli::AttemptReport;
using cli::LegReport;
using cli::Report;
using Reason = PastAttempt::Reason;

namespace {

/// The first attempt of `next`, as it would be `later` tenths of a millisecond after the first
/// attempt of `report`.
AttemptReport attempt_after(const Report& report, const Report& next, std::int64_t later) {
  AttemptReport attempt = next.legs.front().attempts.front();
  attempt.timeline.started = report.legs.front().attempts.front().timeline.started;
  attempt.timeline.started.tick += tenths(later);
  attempt.timeline.started.wall += std::chrono::duration_cast<WallTime::duration>(tenths(later));
  return attempt;
}

Report plain_redirect(std::string_view url, std::int64_t total, int status,
                      std::string_view reason) {
  Report report = connected("GET", url, total);
  exchange(report, 302, 305, total - 4);
  answer(report, status, reason, 162);
  attempt_of(report).superseded = Reason::redirected;
  return report;
}

Report reused(std::string_view url, std::int64_t total, int status, std::string_view reason) {
  Report report = base("GET", url, total);
  Timeline& timeline = timeline_of(report);
  timeline.reused = true;
  timeline.idle_time = std::chrono::microseconds(180);
  timeline.remote = ip("203.0.113.7", 443);
  timeline.local = ip("10.0.0.2", 41002);
  timeline.tls = tls_info();
  exchange(report, 0, 2, total - 20);
  answer(report, status, reason, 1856);
  return report;
}

}  // namespace

Report redirected() {
  Report report = plain_redirect("http://api.example.com/orders", 620, 301, "Moved Permanently");
  report.legs.front().method = "GET";
  report.emit = sent(24, 6900);

  Report second = connected("GET", "https://api.example.com/orders", 1210);
  exchange(second, 699, 702, 1204);
  answer(second, 302, "Found", 0);
  AttemptReport over = attempt_after(report, second, 622);
  over.superseded = Reason::redirected;
  report.legs.push_back({"https://api.example.com/orders", {over}, "GET"});

  const Report third = reused("https://api.example.com/v1/orders", 981, 200, "OK");
  report.legs.push_back(
      {"https://api.example.com/v1/orders", {attempt_after(report, third, 1834)}, "GET"});
  return report;
}

Report sent_again() {
  Report report = reused("https://api.example.com/v1/orders", 23, 0, "");
  AttemptReport& dead = attempt_of(report);
  dead.response.reset();
  dead.superseded = Reason::stale_connection;
  dead.timeline.idle_time = std::chrono::seconds(61);
  dead.timeline.set(Phase::response, span(2, 23, Outcome::error));
  dead.timeline.error = Error{Error::Code::empty_reply, Phase::response,
                              "203.0.113.7:443 closed the connection without an answer"};
  dead.timeline.forget(Phase::body);
  report.legs.front().method = "GET";

  AttemptReport second = attempt_after(report, plain_https(), 24);
  second.index = 1;
  report.legs.front().attempts.push_back(second);
  return report;
}

Report too_many_redirects() {
  Report report = redirected();
  report.error = Error{Error::Code::too_many_redirects, Phase::body,
                       "stopped after 2 redirects: https://api.example.com/v1/orders leads to "
                       "https://api.example.com/"};
  attempt_of(report).response->status = 301;
  report.legs.back().attempts.back().response->status = 302;
  report.legs.back().attempts.back().response->reason = "Found";
  report.legs.back().attempts.back().timeline.error = report.error;
  report.exit_code = 47;
  return report;
}

Report through_proxy() {
  Report report = connected("GET", "https://api.example.com/v1/orders", 2300);
  Timeline& timeline = timeline_of(report);
  timeline.dns->host = "proxy.example.com";
  timeline.remote = ip("203.0.113.7", 3128);
  timeline.dials[0].address = timeline.remote;
  timeline.proxy = "http://proxy.example.com:3128";
  timeline.connection = 1;
  timeline.set(Phase::proxy, span(302, 411));
  timeline.set(Phase::tls, span(411, 808));
  timeline.set(Phase::connect, span(0, 808));
  exchange(report, 808, 811, 2228);
  answer(report, 200, "OK", 1856);
  return report;
}

Report refused_by_proxy() {
  Report report = base("GET", "https://api.example.com/v1/orders", 411);
  Timeline& timeline = timeline_of(report);
  timeline.remote = ip("203.0.113.7", 3128);
  timeline.local = ip("10.0.0.2", 41000);
  timeline.proxy = "http://203.0.113.7:3128";
  dial(timeline, timeline.remote, span(2, 302));
  timeline.set(Phase::proxy, span(302, 411, Outcome::error));
  timeline.set(Phase::connect, span(2, 411, Outcome::error));
  report.error = timeline.error =
      Error{Error::Code::proxy_denied, Phase::proxy,
            "proxy http://203.0.113.7:3128 asks for credentials: 407 Proxy Authentication "
            "Required"};
  report.exit_code = 56;
  return report;
}

Report told_by_server() {
  Report report = plain_https();
  AttemptReport& attempt = attempt_of(report);
  attempt.response->headers.add("Server-Timing", "db;dur=96, app;dur=31;desc=\"the app\", miss");
  attempt.timeline.content_encoding = "gzip";
  attempt.timeline.decoded_body_bytes = 7311;
  return report;
}

Report missed_goal() {
  Report report = plain_https();
  report.slo = {
      {.key = "ttfb", .stat = "", .value = tenths(2128), .limit = tenths(2000), .ok = false},
      {.key = "total", .stat = "", .value = tenths(2200), .limit = tenths(5000)}};
  report.exit_code = 4;
  return report;
}

Report asked_to_come_back() {
  Report report = plain_http();
  answer(report, 503, "Service Unavailable", 153);
  attempt_of(report).response->headers.add("Retry-After", "120");
  return report;
}

Report waited_to_continue() {
  Report report = connected("PUT", "http://api.example.com/v1/upload", 13803);
  exchange(report, 302, 12305, 13731);
  timeline_of(report).continue_wait = span(303, 10303);
  timeline_of(report).request_body_bytes = 40000000;
  answer(report, 201, "Created", 0);
  return report;
}

}  // namespace xtrace::testing
