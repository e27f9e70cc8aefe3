#include "cli/emission.h"

#include <string>

#include <doctest/doctest.h>

#include "get_run.h"
#include "scripted_host.h"
#include "support/listener.h"
#include "support/scratch.h"

namespace emission_test {

using namespace xtrace;
using namespace xtrace::cli;
using namespace xtrace::testing;

using Fate = EmitReport::Outcome;

namespace {

EmitResult emission_to(const std::string& target) {
  DocumentSet set;
  set.documents = {R"({"id":"00c0ffee00c0ffee"})"};
  return emit_documents(parse_emit_target(target).value(), set, false, Process{});
}

EmitReport emit_to(const std::string& target) {
  return emission_to(target).report;
}

/// What becomes of one document that a daemon answers with `response`.
EmitReport emit_by_tcp(std::string response) {
  ScriptedHost daemon([&response](ScriptedServer& server) {
    server.on_connection().expect_head().expect("]}").send(response).close();
  });
  const EmitReport report = emit_to("tcp" + daemon.url("").substr(4));
  CHECK(daemon.received().starts_with("POST /TraceSegments HTTP/1.1\r\n"));
  return report;
}

std::string ok(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

TEST_SUITE("cli/emission") {
  TEST_CASE("a segment that the service acknowledges over TCP is sent") {
    const EmitReport report = emit_by_tcp(ok("{}"));
    CHECK(report.outcome == Fate::sent);
    CHECK(report.to.starts_with("tcp://127.0.0.1:"));
    CHECK(report.documents == 1);
    CHECK(report.datagrams == 0);
    CHECK(report.bytes == 25);
  }

  TEST_CASE("a segment that the service does not accept is told with the service's reason") {
    const EmitReport report = emit_by_tcp(ok(
        R"({"UnprocessedTraceSegments":[{"Id":"1","ErrorCode":"InvalidName","Message":"no"}]})"));
    CHECK(report.outcome == Fate::failed);
    CHECK(report.reason == "the X-Ray service does not accept the segment: InvalidName: no");
  }

  TEST_CASE("a daemon that cannot reach the service is named with its status") {
    const EmitReport report = emit_by_tcp("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
    CHECK(report.outcome == Fate::failed);
    CHECK(report.reason.ends_with("answered with status 502"));
  }

  TEST_CASE("nobody at the daemon's TCP side is told at once") {
    const RefusingAddress nobody(Address::from_ipv4({127, 0, 0, 1}, 0));
    const std::string address = nobody.address().to_string();
    const EmitReport report = emit_to("tcp://" + address);
    CHECK(report.outcome == Fate::refused);
    CHECK(report.reason == "nobody listens at " + address);
  }

  TEST_CASE("what the emitter counted is told, the calls that sent included") {
    FakeDaemon daemon;
    Scratch scratch;
    for (const std::string& target : {"udp://" + daemon.address(), "file:" + scratch.path("x")}) {
      CAPTURE(target);
      const EmitterStats books = emission_to(target).books;
      CHECK(books.documents == 1);
      CHECK(books.sent == 1);
      CHECK(books.flushes == 1);
    }
    daemon.leave();
    const EmitterStats refused = emission_to("udp://" + daemon.address()).books;
    CHECK(refused.sent == 0);
    CHECK(refused.refused == 1);
    const EmitterStats lost = emission_to("file:" + scratch.path("no/such/directory")).books;
    CHECK(lost.documents == 1);
    CHECK(lost.dropped_error == 1);
  }
}

}  // namespace emission_test
