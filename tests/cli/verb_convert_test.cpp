#include "cli/verb_convert.h"

#include <string>

#include <doctest/doctest.h>

#include "cli/document_taps.h"
#include "cli/listen_words.h"
#include "collect/request_guard.h"
#include "get_run.h"
#include "scripted_host.h"
#include "support/scratch.h"
#include "support/test_loop.h"

namespace verb_convert_test {

using namespace xtrace;
using namespace xtrace::cli;
using namespace xtrace::testing;

namespace {

const std::string kShop =
    R"({"name":"shop","id":"00000000000000a1","trace_id":"1-65a0b1c3-fedcba9876543210fedcba98",)"
    R"("start_time":1705030082.5,"end_time":1705030082.75,"annotations":{"k":"v"},"subsegments":[)"
    R"({"name":"pay","id":"00000000000000a2","start_time":1705030082.5,"end_time":1705030082.6,)"
    R"("namespace":"remote","http":{"request":{"method":"GET","url":"http://pay/x"},)"
    R"("response":{"status":200}}}]})";
const std::string kEarlier =
    R"({"name":"users","id":"00000000000000b1","trace_id":"1-65a0b1c2-0123456789abcdef01234567",)"
    R"("start_time":1705030081,"end_time":1705030082})";
const std::string kBad = R"({"name":"x","id":"00000000000000b2","start_time":1,"end_time":2})";

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// What `--to` makes of the documents above.
std::string converted(std::string_view format) {
  const RunResult done =
      run_with_input(kShop + "\n" + kEarlier + "\n", {"convert", "--to", format});
  CHECK(done.code == 0);
  CHECK(done.err.empty());
  return done.out;
}

}  // namespace

TEST_SUITE("cli/verb_convert") {
  TEST_CASE("documents become every format, in the order of their beginnings") {
    CHECK(converted("xray") == kEarlier + "\n" + kShop + "\n");
    CHECK(converted("json").starts_with(R"({"Traces":[{"Id":"1-65a0b1c2-)"));
    CHECK(has(converted("json"), R"("UnprocessedTraceIds":[]})"));
    CHECK(has(converted("jsonl"), R"("duration":0.250000)"));
    CHECK(has(converted("har"), R"("url":"http://pay/x")"));
    CHECK(has(converted("perfetto"), R"("dur":250000)"));
    CHECK(has(converted("otlp"), R"("traceId":"65a0b1c3fedcba9876543210fedcba98")"));
    CHECK(converted("csv").starts_with("trace_id,id,"));
    CHECK(has(converted("prom"), R"(outcome="ok"} 1)"));
    CHECK(has(converted("pretty"), "shop"));
  }

  TEST_CASE("OTLP is known by its looks, and what comes back are documents") {
    const RunResult back = run_with_input(converted("otlp"), {"convert", "--to", "xray"});
    CHECK(back.code == 0);
    CHECK(has(back.out, R"("name":"shop","id":"00000000000000a1","trace_id":)"
                        R"("1-65a0b1c3-fedcba9876543210fedcba98","start_time":1705030082.500000,)"
                        R"("end_time":1705030082.750000,"annotations":{"k":"v"}})"));
    CHECK(has(back.out, R"("type":"subsegment","namespace":"remote")"));
    const RunResult forced = run_with_input(kShop, {"convert", "--from", "otlp", "--to", "xray"});
    CHECK(forced.code == 65);
    CHECK(forced.err ==
          "xtrace: stdin: line 1: it has no \"resourceSpans\", as traces in OTLP have\n");
    // What BatchGetTraces answers is read as well.
    CHECK(run_with_input(converted("json"), {"convert", "--to", "xray"}).out ==
          kEarlier + "\n" + kShop + "\n");
  }

  TEST_CASE("what X-Ray would refuse is told with its line and left out") {
    const RunResult done =
        run_with_input(kShop + "\n" + kBad + "\n{]\n" + kEarlier, {"convert", "--to", "xray"});
    CHECK(done.code == 65);
    CHECK(done.out == kEarlier + "\n" + kShop + "\n");
    CHECK(has(done.err, "stdin: line 2: "));
    CHECK(has(done.err, "stdin: line 3: "));
  }

  TEST_CASE("what has no segments is refused, and what to do is told") {
    const auto refusal_of = [](std::string_view text) {
      const RunResult done = run_with_input(text, {"convert", "--to", "xray"});
      CHECK(done.code == 65);
      CHECK(done.out.empty());
      return done.err;
    };
    CHECK(has(refusal_of(R"({"schema":"xtrace.request/1","trace_id":"1-"})"), "--format otlp"));
    CHECK(has(refusal_of(R"({"log":{"entries":[]}})"), "it is an HTTP archive"));
    CHECK(has(refusal_of(R"({"displayTimeUnit":"ms","traceEvents":[]})"), "Chrome trace events"));
    CHECK(run_with_input("", {"convert"}).err ==
          "xtrace convert needs --to FORMAT: what to convert to\n");
    CHECK(has(run_with_input("", {"convert", "--to", "svg"}).err, "is not one of pretty, xray"));
    CHECK(run({"convert", "--to", "xray", "/no/such/file"}).code == 2);
  }

  TEST_CASE("the output goes into a file, or the exit code says that it did not") {
    const Scratch scratch;
    const std::string path = scratch.path("out.json");
    const RunResult done = run_with_input(kShop, {"convert", "--to", "otlp", "-o", path});
    CHECK(done.code == 0);
    CHECK(done.out.empty());
    CHECK(has(scratch.read("out.json"), "resourceSpans"));
    const RunResult nowhere =
        run_with_input(kShop, {"convert", "--to", "otlp", "-o", scratch.path("no/such/place")});
    CHECK(nowhere.code == 23);
    CHECK(has(nowhere.err, "cannot write " + scratch.path("no/such/place") + ": "));
  }

  TEST_CASE("get writes the trace of its request in the same formats") {
    const ScriptedHost host([](ScriptedServer& server) {
      server.on_connection().expect_head().send("HTTP/1.1 204 No Content\r\n\r\n").close();
    });
    const auto got = [&host](std::string_view format) {
      const RunResult done = run({"get", host.url("/p"), "--emit", "none", "--format", format});
      CHECK(done.code == 0);
      return done.out;
    };
    SUBCASE("har") {
      CHECK(has(got("har"), R"("response":{"status":204)"));
    }
    SUBCASE("perfetto") {
      CHECK(has(got("perfetto"), R"("name":"connect")"));
    }
    SUBCASE("otlp") {
      CHECK(has(got("otlp"), R"({"key":"http.status_code","value":{"intValue":"204"}})"));
    }
    SUBCASE("prom") {
      CHECK(got("prom").starts_with("# HELP "));
    }
    CHECK(has(run({"get", host.url("/"), "-n", "2", "--format", "har"}).err,
              "takes --format har, perfetto or otlp of one request"));
  }
}

TEST_SUITE("cli/trace_formats") {
  TEST_CASE("show writes what convert does") {
    for (const std::string_view format : {"har", "perfetto", "otlp", "csv", "prom"}) {
      const RunResult shown =
          run_with_input(kShop + "\n" + kEarlier, {"show", "-", "--format", format});
      CHECK(shown.code == 0);
      CHECK(shown.out == converted(format));
    }
  }
}

TEST_SUITE("cli/document_taps") {
  TEST_CASE("where documents are forwarded to is named whole") {
    TestLoop loop;
    const auto target = [&loop](std::string_view text) {
      const auto tap = make_tap(loop, text);
      return tap ? (*tap)->target() : "refused: " + tap.error().message;
    };
    CHECK(target("udp://127.0.0.1:2001") == "udp://127.0.0.1:2001");
    CHECK(target("otlp://127.0.0.1") == "otlp://127.0.0.1:4318/v1/traces");
    CHECK(target("otlp://[::1]:99/") == "otlp://[::1]:99/v1/traces");
    CHECK(target("otlps://c.example/tenant/v1/traces") ==
          "otlps://c.example:4318/tenant/v1/traces");
    CHECK(target("udp://") == "refused: it is not udp://HOST:PORT");
    CHECK(target("http://h") ==
          "refused: it is neither udp://HOST:PORT nor otlp://HOST:PORT nor otlps://HOST:PORT");
    CHECK(target("otlp://:1").starts_with("refused: "));
  }

  TEST_CASE("what was not forwarded is told at the end, and why") {
    collect::CollectorStats stats;
    stats.taps = {{"udp://h:1", {{"dropped", 2}, {"queued", 1}, {"sent", 1}}, "nobody is there"},
                  {"otlp://h:2", {{"failed", 0}, {"rejected_spans", 1}, {"sent", 4}}, ""},
                  {"otlp://h:3", {{"failed", 0}, {"sent", 4}}, "a retry worked"}};
    CHECK(loss_lines(stats) ==
          std::vector<std::string>{"3 documents were not forwarded to udp://h:1: nobody is there",
                                   "1 span was not accepted by otlp://h:2"});
  }

  TEST_CASE("a listener does not forward to itself") {
    const Address here = Address::from_ipv4({127, 0, 0, 1}, 2000);
    const Address everywhere = Address::from_ipv4({0, 0, 0, 0}, 2000);
    CHECK(leads_back("udp://127.0.0.1:2000", here));
    CHECK(leads_back("udp://localhost:2000", here));
    CHECK(leads_back("udp://0.0.0.0:2000", here));
    CHECK(leads_back("udp://127.0.0.9:2000", everywhere));
    CHECK(leads_back("udp://[::1]:2000", everywhere));
    for (const std::string& name : collect::names_of_machine()) {
      CHECK(leads_back("udp://" + name + ":2000", everywhere));
      CHECK_FALSE(leads_back("udp://" + name + ":2000", here));
    }
    CHECK_FALSE(leads_back("udp://127.0.0.9:2000", here));
    CHECK_FALSE(leads_back("udp://127.0.0.1:2001", here));
    CHECK_FALSE(leads_back("udp://192.0.2.1:2000", everywhere));
    CHECK_FALSE(leads_back("otlp://127.0.0.1:2000", here));
  }
}

}  // namespace verb_convert_test
