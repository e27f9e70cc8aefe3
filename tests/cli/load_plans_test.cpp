#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "get_run.h"
#include "scripted_host.h"
#include "support/scratch.h"

namespace load_plans_test {

using namespace xtrace;
using namespace xtrace::testing;
using nlohmann::json;

namespace {

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const std::string kBusy = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";

/// Plays the answers on each connection, one for each request.
std::function<void(ScriptedServer&)> answering(std::vector<std::string> answers) {
  return [answers = std::move(answers)](ScriptedServer& server) {
    Script& script = server.on_connection();
    for (const std::string& answer : answers) script.expect_head().send(answer);
  };
}

std::size_t count_of(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

json report_of(const RunResult& result) {
  CAPTURE(result.err);
  json report = json::parse(result.out, nullptr, false);
  REQUIRE(report.is_object());
  return report;
}

}  // namespace

TEST_SUITE("cli/load_plans") {
  TEST_CASE("a run counts its retries, and each request by its last answer") {
    ScriptedHost host(answering({kBusy, kOk, kOk, kBusy, kOk}));
    const RunResult result = run({host.url("/"), "-n", "3", "--retry", "1", "--backoff", "0",
                                  "--format", "json", "--emit", "none"});
    CHECK(result.code == 0);
    const json report = report_of(result);
    CHECK(report.at("requests") == 3);
    CHECK(report.at("statuses") == json{{"200", 3}});
    CHECK(report.at("plan").at("retried") == 2);
  }

  TEST_CASE("what the warm-up retried does not count") {
    ScriptedHost host(answering({kBusy, kOk, kOk, kOk}));
    const RunResult result = run({host.url("/"), "-n", "2", "--warmup", "1", "--retry", "1",
                                  "--backoff", "0", "--format", "json", "--emit", "none"});
    CHECK(report_of(result).at("plan").at("retried") == 0);
    CHECK(count_of(host.received(), "GET / ") == 4);
  }

  TEST_CASE("the total of a request counts its earlier attempts and their waits") {
    ScriptedHost host(answering({kBusy, kOk}));
    const RunResult result = run({host.url("/"), "-n", "2", "--duration", "40ms", "--retry", "1",
                                  "--backoff", "60ms", "--format", "json", "--emit", "none"});
    const json report = report_of(result);
    CHECK(report.at("phases").at("total").at("warm").at("max_us") > 60'000);
    CHECK(report.at("phases").at("ttfb").at("warm").at("max_us") > 60'000);
  }

  TEST_CASE("the requests of a run share the breaker, and those it refuses are not sent") {
    ScriptedHost host(answering({kBusy, kBusy, kOk}));
    const RunResult result =
        run({host.url("/"), "-n", "9", "--breaker", "2/60", "--format", "json", "--emit", "none"});
    const json report = report_of(result);
    CHECK(report.at("plan").at("breaker_refusals") == 7);
    CHECK(report.at("plan").at("breaker").at("state") == "open");
    CHECK(report.at("errors") == 7);
    CHECK(count_of(host.received(), "GET / ") == 2);
  }

  TEST_CASE("each request of a run is a trace with its attempts, told to the server") {
    FakeDaemon daemon;
    ScriptedHost host(answering({kBusy, kOk, kBusy, kOk}));
    CHECK(run({host.url("/"), "-n", "2", "--retry", "1", "--backoff", "0", "--emit",
               "udp://" + daemon.address()})
              .code == 0);
    const std::string received = host.received();
    std::set<std::string> traces;
    for (int i = 0; i < 2; ++i) {
      const json document = daemon.next_document();
      traces.insert(document.at("trace_id").get<std::string>());
      const json& attempts = document.at("subsegments").at(0).at("subsegments");
      REQUIRE(attempts.size() == 3);
      for (const std::size_t at : {std::size_t{0}, std::size_t{2}}) {
        CHECK(count_of(received, "Parent=" + attempts.at(at).at("id").get<std::string>()) == 1);
      }
    }
    CHECK(traces.size() == 2);
    CHECK(daemon.next().empty());
  }

  TEST_CASE("a percentile race starts no rival before enough was seen") {
    ScriptedHost host(answering(std::vector<std::string>(10, kOk)));
    const RunResult result =
        run({host.url("/"), "-n", "10", "--race", "p95", "--format", "json", "--emit", "none"});
    CHECK(report_of(result).at("plan").at("raced") == 0);
    CHECK(count_of(host.received(), "GET / ") == 10);
  }

  TEST_CASE("a limit of the pool alone leaves the run without plans") {
    ScriptedHost host(answering({kOk, kOk, kOk}));
    const RunResult result = run(
        {host.url("/"), "-n", "3", "-c", "3", "--pool", "1", "--format", "json", "--emit", "none"});
    const json report = report_of(result);
    CHECK(report.at("plan").is_null());
    CHECK(report.at("connections").at("opened") == 1);
    CHECK(count_of(host.received(), "GET / ") == 3);
  }

  TEST_CASE("a run of POSTs says that none of them is sent again") {
    ScriptedHost host([](ScriptedServer& server) {
      Script& script = server.on_connection();
      for (int i = 0; i < 2; ++i) script.expect_head().expect("x").send(kBusy);
    });
    const RunResult result = run({"post", "-d", "x", host.url("/"), "-n", "2", "--retry", "3",
                                  "--emit", "none", "--format", "json"});
    CHECK(result.err.starts_with("xtrace: POST is sent once"));
    CHECK(report_of(result).at("statuses") == json{{"503", 2}});
  }

  TEST_CASE("a run measures every request, with policies and without") {
    for (const bool has_policy : {false, true}) {
      ScriptedHost host(answering({kOk, kOk, kOk}));
      Scratch scratch;
      const std::string file = "prom:" + scratch.path("metrics");
      const RunResult result =
          has_policy
              ? run({host.url("/"), "-n", "3", "--metrics", file, "--emit", "none", "--retry", "1"})
              : run({host.url("/"), "-n", "3", "--metrics", file, "--emit", "none"});
      CHECK(result.code == 0);
      const std::string text = scratch.read("metrics");
      std::size_t measured = 0;
      constexpr std::string_view kCount = "\ntoolkit_http_client_request_time_seconds_count{";
      for (auto at = text.find(kCount); at != std::string::npos; at = text.find(kCount, at + 1)) {
        measured += std::stoul(text.substr(text.find("} ", at) + 2));
      }
      CHECK(measured == 3);
      CHECK(text.find("# TYPE xtrace_pool") != std::string::npos);
    }
  }
}

}  // namespace load_plans_test
