#include "collect/collector.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "collect/metrics_text.h"
#include "documents.h"
#include "http/server_fixture.h"
#include "running_collector.h"
#include "support/scratch.h"

namespace collector_test {

using namespace xtrace;
using namespace xtrace::collect;
using xtrace::collect::testing::has;
using xtrace::collect::testing::Running;
using xtrace::collect::testing::segment;
using xtrace::testing::body_of;
using xtrace::testing::count_of;
using xtrace::testing::RawClient;

namespace {

constexpr std::string_view kDone = R"("end_time":2)";
constexpr std::string_view kId = "1-58406520-000000000000000000000000";

/// What a tap was given.
struct Tapped {
  std::vector<std::string> documents;
  Callback<void()> on_closed;
};

class Tap final : public DocumentTap {
 public:
  explicit Tap(Tapped& tapped) : tapped_(tapped) {}

  void take(std::string_view document) override { tapped_.documents.emplace_back(document); }
  void close(Callback<void()> on_closed) override { tapped_.on_closed = std::move(on_closed); }
  std::map<std::string, std::uint64_t, std::less<>> counters() const override {
    return {{"sent", tapped_.documents.size()}};
  }
  std::string target() const override { return "udp://192.0.2.1:2000"; }

 private:
  Tapped& tapped_;
};

}  // namespace

TEST_SUITE("collect/collector") {
  TEST_CASE_FIXTURE(Running, "a datagram is a trace on the page's API, in numbers, and is told") {
    start();
    send(segment(0, 1, std::string(kDone)));
    until([this] { return told.size() == 1; });
    CHECK(told[0] == kId);
    const std::string list = ask("GET /api/traces?filter=service(%22shop%22)&limit=1");
    CHECK(list.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(has(list, "Content-Type: application/json\r\nCache-Control: no-store\r\n"));
    CHECK(has(list, R"(,"revision":1,"total":1,"matched":1,"error":null})"));
    CHECK(has(ask("GET /api/traces?filter=fault"), R"({"traces":[],"revision":1,"total":1,)"));
    CHECK(has(ask("GET /api/traces/" + std::string(kId)), R"({"row":{"id":"1-58406520-)"));
    CHECK(has(ask("GET /api/graph"), R"("name":"shop")"));
    CHECK(has(ask("GET /api/graph?trace=" + std::string(kId)), R"("name":"shop")"));
    CHECK(has(ask("GET /api/stats"), R"({"received":1,)"));
    CHECK(has(ask("GET /api/stats", {}, false), R"("doors":{"udp":1,"tcp":0,"file":0})"));
    CHECK(has(ask("GET /metrics"), "xtrace_listen_documents_total{door=\"udp\"} 1\n"));
    const std::string put = R"({"TraceSegmentDocuments":["{\"trace_id\":\"1-2\"}"]})";
    CHECK(has(ask("POST /TraceSegments", {}, false, put), "InvalidTraceId"));
    CHECK(collector->stats().doors.tcp == 1);
    CHECK(collector->stats().api.requests.at("/TraceSegments") == 1);
    const std::string file = ask("GET /export/" + std::string(kId) + ".json");
    CHECK(has(file, "Content-Disposition: attachment; filename=\"" + std::string(kId) + ".json\""));
    CHECK(has(file, R"({"Traces":[{"Id":")"));
  }

  TEST_CASE_FIXTURE(Running, "what is not there, or cannot be read, is said in one sentence") {
    start();
    const std::string filter = ask("GET /api/traces?filter=http.status%20%3D");
    CHECK(filter.starts_with("HTTP/1.1 400 "));
    CHECK(has(filter, R"({"error":{"message":")"));
    CHECK(has(filter, R"(,"column":)"));
    for (const char* path :
         {"/api/traces/nonsense", "/api/graph?trace=1-2-3", "/assets/no.js", "/assets/README.md",
          "/export/x.json", "/export/x.exe", "/nothing", "/assets/../index.html", "/%zz"}) {
      CAPTURE(path);
      CHECK(ask(std::string("GET ") + path).starts_with("HTTP/1.1 404 "));
    }
    CHECK(ask("GET /", {}, false).starts_with("HTTP/1.1 404 "));
    CHECK(has(ask("PUT /api/traces"), "405 Method Not Allowed"));
    CHECK(has(ask("GET /api/clear"), "\r\nAllow: POST\r\n"));
    CHECK(body_of(ask("GET /health", {}, false)) == "OK\n");
    for (const char* path : {"/health", "/", "/api/events"})
      CHECK(body_of(ask(std::string("HEAD ") + path)).empty());
    CHECK(collector->stats().event_streams == 0);
  }

  TEST_CASE_FIXTURE(Running, "the page and its files are there, for caches and within bounds") {
    start();
    for (const char* path : {"/", "/t/1-2-3", "/map", "/compare/a/b", "/strays", "/?filter=ok"}) {
      CAPTURE(path);
      const std::string page = ask(std::string("GET ") + path);
      CHECK(page.starts_with("HTTP/1.1 200 OK\r\n"));
      CHECK(has(page, "\r\nContent-Security-Policy: default-src 'none'; script-src 'self'; "));
      CHECK(has(page, "\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"));
      CHECK(has(page, "\r\nContent-Type: text/html; charset=utf-8\r\n"));
      CHECK(has(page, "\r\nCross-Origin-Opener-Policy: same-origin\r\n"));
      CHECK(has(page, "<!doctype html>"));
    }
    const std::string style = ask("GET /assets/style.css");
    CHECK(has(style, "\r\nContent-Type: text/css; charset=utf-8\r\n"));
    CHECK_FALSE(has(style, "Content-Encoding"));
    const std::size_t tag = style.find("ETag: ") + 6;
    const std::string etag = style.substr(tag, style.find('\r', tag) - tag);
    CHECK(ask("GET /assets/style.css", "If-None-Match: \"x\", W/" + etag + "\r\n")
              .starts_with("HTTP/1.1 304 "));
    const std::string packed = ask("GET /assets/style.css", "Accept-Encoding: br, gzip\r\n");
    CHECK(has(packed, "\r\nContent-Encoding: gzip\r\n"));
    CHECK(body_of(packed).starts_with("\x1f\x8b"));
    CHECK(body_of(packed).size() < body_of(style).size());
    CHECK_FALSE(has(ask("GET /assets/style.css", "Accept-Encoding: gzip;q=0.0\r\n"), "gzip\r\n"));
  }

  TEST_CASE_FIXTURE(Running, "requests of other sites are turned away on both ports, and counted") {
    start();
    const std::string foreign = "Origin: http://evil.example\r\n";
    for (const bool is_web : {true, false}) {
      CHECK(ask("GET /api/stats", "Host: evil.example\r\n", is_web).starts_with("HTTP/1.1 403 "));
      CHECK(ask("POST /GetSamplingRules", foreign, is_web, "{}").starts_with("HTTP/1.1 403 "));
      CHECK(ask("OPTIONS /TraceSegments", foreign, is_web).starts_with("HTTP/1.1 403 "));
      CHECK(ask("POST /GetSamplingRules", {}, is_web, "{}").starts_with("HTTP/1.1 200 "));
    }
    const std::string linked =
        "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n";
    CHECK(ask("GET /", linked).starts_with("HTTP/1.1 200 "));
    CHECK(ask("GET /api/traces", linked).starts_with("HTTP/1.1 403 "));
    CHECK(ask("GET http://evil.example/api/traces").starts_with("HTTP/1.1 403 "));
    CHECK(ask("GET /", "Host: a\r\nHost: b\r\n").starts_with("HTTP/1.1 400 "));
    const std::string stats = ask("GET /api/stats");
    CHECK(has(stats, R"("turned_away":8,)"));
    CHECK_FALSE(has(stats, "Access-Control"));
  }

  TEST_CASE_FIXTURE(Running, "clearing needs a header that no foreign page can send") {
    start();
    load(segment(0, 1, std::string(kDone)));
    CHECK(ask("POST /api/clear").starts_with("HTTP/1.1 403 "));
    CHECK(collector->stats().store.traces == 1);
    CHECK(ask("POST /api/clear", "X-Xtrace: 1\r\n").starts_with("HTTP/1.1 204 "));
    CHECK(collector->stats().store.traces == 0);
  }

  TEST_CASE_FIXTURE(Running, "names with markup reach nobody as markup") {
    start();
    load(segment(0, 1, std::string(kDone), "</script><script>alert(1)</script>"));
    load("</script>");
    for (const char* path : {"/api/traces", "/api/graph", "/api/strays"}) {
      CAPTURE(path);
      const std::string answer = ask(std::string("GET ") + path);
      CHECK(has(answer, "\\u003c/script>"));
      CHECK_FALSE(has(answer, "<"));
    }
  }

  TEST_CASE_FIXTURE(Running, "a hundred pages are told of a trace at once, and let go at the end") {
    start();
    std::vector<std::unique_ptr<RawClient>> pages;
    const std::string get =
        "GET /api/events HTTP/1.1\r\nHost: " + collector->web_address()->to_string() + "\r\n\r\n";
    for (int i = 0; i < 100; ++i) {
      pages.push_back(std::make_unique<RawClient>(*collector->web_address()));
      pages.back()->send(get);
    }
    const auto all_have = [&](std::string_view text) {
      return [&pages, text] {
        bool have = true;
        for (const auto& page : pages) {
          page->take(std::size_t{16} * 1024);
          have = have && has(page->received, text);
        }
        return have;
      };
    };
    until(all_have("event: hello"));
    CHECK(has(pages[0]->received, "\r\nContent-Type: text/event-stream; charset=utf-8\r\n"));
    CHECK(collector->stats().event_streams == 100);
    send(segment(0, 1, std::string(kDone)));
    until(all_have(R"("traces":[{"id":"1-58406520-)"));
    for (const auto& page : pages) CHECK(count_of(page->received, "event: change") == 1);
    close();
    until(all_have("\r\n0\r\n\r\n"));
    CHECK(collector->stats().web.unanswered == 0);
  }

  TEST_CASE_FIXTURE(Running,
                    "closing takes what has arrived, tells what waits, and ends the taps") {
    const xtrace::testing::Scratch scratch;
    config.save_path = scratch.path("saved.jsonl");
    config.settle = std::chrono::hours(1);
    start();
    Tapped tapped;
    collector->add_tap(std::make_unique<Tap>(tapped));
    load(segment(2, 9, std::string(kDone)));
    const std::string first = segment(0, 1, std::string(kDone));
    send(first);
    send(segment(3, 3, R"("end_time":2,"metadata":{"a":NaN})"));
    send(segment(1, 2, R"("in_progress":true)"));
    send("no JSON");
    bool is_closed = false;
    collector->close([&is_closed] { is_closed = true; });
    until([&tapped] { return static_cast<bool>(tapped.on_closed); });
    CHECK(told.size() == 4);
    CHECK(told.back().ends_with("1 given up"));
    CHECK(tapped.documents.size() == 4);
    CHECK(scratch.read("saved.jsonl").starts_with(first + "\n"));
    CHECK(collector->stats().journal->documents == 3);
    CHECK(collector->stats().taps[0].counters.at("sent") == 4);
    const std::string metrics = metrics_text(collector->stats());
    CHECK(has(metrics, "forwarded_total{target=\"udp://192.0.2.1:2000\",outcome=\"sent\"} 4\n"));
    CHECK(has(metrics, "xtrace_listen_strays_total 1\n"));
    CHECK(collector->stats().udp.datagrams == 4);
    CHECK_FALSE(is_closed);
    tapped.on_closed();
    CHECK(is_closed);
  }

  TEST_CASE_FIXTURE(Running, "clients that stall hold up nobody's last documents") {
    config.close_limit = std::chrono::milliseconds(1);
    config.settle = std::chrono::hours(1);
    start();
    Tapped tapped;
    collector->add_tap(std::make_unique<Tap>(tapped));
    RawClient half_head(*collector->tcp_address());
    half_head.send("GET /hea");
    RawClient half_body(*collector->web_address());
    half_body.send("POST /TraceSegments HTTP/1.1\r\nHost: " +
                   collector->web_address()->to_string() + "\r\nContent-Length: 9\r\n\r\n{");
    until([this] { return collector->stats().web.requests == 1; });
    load(segment(0, 1, std::string(kDone)));
    collector->close([] {});
    until([&tapped] { return static_cast<bool>(tapped.on_closed); });
    CHECK(told == std::vector<std::string>{std::string(kId)});
    CHECK(collector->stats().tcp.open + collector->stats().web.open == 0);
    SUBCASE("and the collector may go before its taps have ended") {
      collector.reset();
    }
    SUBCASE("or with them") {
      tapped.on_closed();
    }
  }

  TEST_CASE_FIXTURE(Running, "a port that is held is told with its address, and nothing is bound") {
    start();
    CollectorConfig second = config;
    second.web = collector->web_address();
    const auto refused = Collector::start(loop, second);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == Error::Code::listen_failed);
    CHECK(has(refused.error().message, collector->web_address()->to_string()));
    CHECK(has(refused.error().message, "pid"));
  }
}

}  // namespace collector_test
