#include <csignal>

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "get_run.h"
#include "scripted_host.h"
#include "support/scratch.h"

namespace get_plan_test {

using namespace xtrace;
using namespace xtrace::testing;
using nlohmann::json;
using std::chrono::milliseconds;

namespace {

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const std::string kBusy = "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy";

/// Plays the answers on each connection, one for each request.
std::function<void(ScriptedServer&)> answering(std::vector<std::string> answers) {
  return [answers = std::move(answers)](ScriptedServer& server) {
    Script& script = server.on_connection();
    for (const std::string& answer : answers) script.expect_head().send(answer);
  };
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::size_t count_of(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

/// The report of `words` and what its exit code was.
json report_of(std::initializer_list<std::string_view> words, int code) {
  const RunResult result = run(words);
  CAPTURE(result.err);
  CHECK(result.code == code);
  json report = json::parse(result.out, nullptr, false);
  REQUIRE(report.is_object());
  return report;
}

std::vector<json> attempts_of(const json& report) {
  std::vector<json> attempts;
  for (const json& leg : report.at("legs")) {
    for (const json& attempt : leg.at("attempts")) attempts.push_back(attempt);
  }
  return attempts;
}

}  // namespace

TEST_SUITE("cli/get_plan") {
  TEST_CASE("a 503 is tried again, and the answer behind it is the report's and the body") {
    Scratch scratch;
    ScriptedHost host(answering({kBusy, kOk}));
    const json report = report_of({host.url("/"), "--retry", "1", "--backoff", "0", "--format",
                                   "json", "--emit", "none", "-o", scratch.path("body")},
                                  0);
    CHECK(report.at("status") == 200);
    CHECK(scratch.read("body") == "hello");
    const auto attempts = attempts_of(report);
    REQUIRE(attempts.size() == 2);
    CHECK(attempts[0].at("status") == 503);
    CHECK(attempts[0].at("decision") == "retry");
    CHECK(attempts[1].at("wave") == 1);
    CHECK(report.at("plan").at("winner") == 1);
  }

  TEST_CASE("each attempt is a subsegment and names it to the server") {
    ScriptedHost host(answering({kBusy, kOk}));
    FakeDaemon daemon;
    CHECK(run({host.url("/"), "--retry", "1", "--backoff", "0", "--emit",
               "udp://" + daemon.address()})
              .code == 0);
    const json document = daemon.next_document();
    const json& remote = document.at("subsegments").at(0);
    CHECK_FALSE(document.contains("fault"));
    std::vector<std::string> names;
    for (const json& child : remote.at("subsegments")) {
      names.push_back(child.at("name").get<std::string>());
      if (!names.back().starts_with("Attempt:")) continue;
      CHECK(has(host.received(), "Parent=" + child.at("id").get<std::string>()));
    }
    CHECK(names == std::vector<std::string>{"Attempt:0", "backoff", "Attempt:1"});
  }

  TEST_CASE("where every attempt fails alike the last answer is the result") {
    ScriptedHost host(answering({kBusy, kBusy, kBusy}));
    const RunResult result = run(
        {host.url("/"), "--retry", "2", "--backoff", "0", "--emit", "none", "--format", "compact"});
    CHECK(result.code == 0);
    CHECK(count_of(host.received(), "GET / ") == 3);
  }

  TEST_CASE("a POST is sent once, and the command says why") {
    ScriptedHost host(answering({kBusy, kOk}));
    const std::string url = host.url("/");
    const RunResult once = run({"post", "-d", "x", url, "--retry", "1", "--emit", "none"});
    CHECK(has(once.err,
              "xtrace: POST is sent once, for the server might do it twice; "
              "--repeat-any-method sends it again all the same\n"));
    CHECK(count_of(host.received(), "POST / ") == 1);
    ScriptedHost other([](ScriptedServer& server) {
      Script& script = server.on_connection();
      script.expect_head().expect("x").send(kBusy).expect_head().expect("x").send(kOk);
    });
    const RunResult twice = run({"post", "-d", "x", other.url("/"), "--retry", "1", "--backoff",
                                 "0", "--repeat-any-method", "--emit", "none"});
    CHECK(twice.code == 0);
    CHECK(twice.err.empty());
    CHECK(count_of(other.received(), "POST / ") == 2);
  }

  TEST_CASE("an attempt that takes too long ends with 28 where none is left") {
    ScriptedHost host([](ScriptedServer& server) { server.on_connection().silent(); });
    const json report =
        report_of({host.url("/"), "--retry", "1", "--backoff", "0", "--attempt-timeout", "20ms",
                   "--format", "json", "--emit", "none"},
                  28);
    CHECK(report.at("error").at("code") == "attempt_timeout");
    CHECK(attempts_of(report).size() == 2);
    const RunResult shown =
        run({host.url("/"), "--attempt-timeout", "20ms", "--emit", "none", "--format", "pretty"});
    CHECK(has(shown.out + shown.err, "TIMED OUT waiting for the first byte (attempt limit 20ms)"));
  }

  TEST_CASE("-m ends all attempts and waits together") {
    ScriptedHost host(answering({kBusy, kBusy}));
    const json report = report_of({host.url("/"), "--retry", "3", "--backoff", "60", "-m", "50ms",
                                   "--format", "json", "--emit", "none"},
                                  28);
    CHECK(report.at("error").at("code") == "plan_timeout");
    CHECK(report.at("plan").at("plan_timeout") == true);
    CHECK(attempts_of(report).size() == 1);
  }

  TEST_CASE("the rival of a silent attempt wins, and its body alone is written") {
    Scratch scratch;
    ScriptedHost host([](ScriptedServer& server) {
      server.on_connection().expect_head().silent();
      server.on_connection().expect_head().send(kOk);
    });
    const json report = report_of({host.url("/"), "--race", "10ms", "--format", "json", "--emit",
                                   "none", "-o", scratch.path("body")},
                                  0);
    const auto attempts = attempts_of(report);
    REQUIRE(attempts.size() == 2);
    CHECK(attempts[0].at("redundant") == true);
    CHECK(attempts[1].at("wave") == 0);
    CHECK(report.at("plan").at("winner") == 1);
    CHECK(report.at("error").is_null());
    CHECK(scratch.read("body") == "hello");
  }

  TEST_CASE("a breaker that opens stops the retries, and the last answer stays the result") {
    ScriptedHost host(answering({kBusy, kBusy, kBusy}));
    const json report = report_of({host.url("/"), "--retry", "5", "--backoff", "0", "--breaker",
                                   "2/30", "--format", "json", "--emit", "none"},
                                  0);
    const auto attempts = attempts_of(report);
    REQUIRE(attempts.size() == 2);
    CHECK(attempts[1].at("decision") == "breaker");
    CHECK(report.at("plan").at("breaker").at("state") == "open");
  }

  TEST_CASE("a signal in the back-off shows and emits the attempts that were made") {
    FakeDaemon daemon;
    ScriptedHost host([](ScriptedServer& server) {
      server.on_connection().expect_head().send(kBusy).wait(milliseconds(30)).run([] {
        kill(getpid(), SIGINT);
      });
    });
    const RunResult result = run({host.url("/"), "--retry", "3", "--backoff", "60", "--format",
                                  "json", "--emit", "udp://" + daemon.address()});
    CHECK(result.code == 130);
    const json report = json::parse(result.out);
    CHECK(report.at("error").at("code") == "cancelled");
    CHECK(attempts_of(report).size() == 1);
    CHECK(daemon.next_document().at("fault") == true);
  }

  TEST_CASE("-v tells the attempts apart") {
    ScriptedHost host(answering({kBusy, kOk}));
    const RunResult result =
        run({host.url("/"), "--retry", "1", "--backoff", "0", "--emit", "none", "-v"});
    CHECK(has(result.err, "[0] < HTTP/1.1 503 Busy\n"));
    CHECK(has(result.err, "[1] > GET / HTTP/1.1\n"));
    CHECK(has(result.err, "attempt 0 is not the last\n"));
  }

  TEST_CASE("redirects inside attempts make one leg for each URL") {
    const std::string moved = "HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n";
    ScriptedHost host(answering({moved, kBusy, moved, kOk}));
    const json report = report_of({host.url("/"), "-L", "--retry", "1", "--backoff", "0",
                                   "--format", "json", "--emit", "none"},
                                  0);
    const json& legs = report.at("legs");
    REQUIRE(legs.size() == 2);
    CHECK(legs[1].at("url") == host.url("/there"));
    for (const json& leg : legs) {
      REQUIRE(leg.at("attempts").size() == 2);
      CHECK(leg.at("attempts")[0].at("index") == 0);
      CHECK(leg.at("attempts")[1].at("index") == 1);
    }
    CHECK(legs[0].at("attempts")[0].at("decision").is_null());
    CHECK(legs[1].at("attempts")[0].at("decision") == "retry");
  }

  TEST_CASE("a request without a policy is no plan") {
    ScriptedHost host(answering({kOk}));
    const json report = report_of({host.url("/"), "--format", "json", "--emit", "none"}, 0);
    CHECK(report.at("plan").is_null());
  }

  TEST_CASE("the total of a goal counts earlier attempts and waits") {
    ScriptedHost host(answering({kBusy, kOk}));
    const json report = report_of({host.url("/"), "--retry", "1", "--backoff", "30ms", "--slo",
                                   "total=30ms", "--format", "json", "--emit", "none"},
                                  4);
    CHECK(report.at("slo").at(0).at("value_us") > 30'000);
  }

  TEST_CASE("--metrics prom takes the report's place, or stands behind it") {
    ScriptedHost host(answering({kOk}));
    const RunResult alone = run({host.url("/"), "--metrics", "prom", "--emit", "none"});
    CHECK(alone.code == 0);
    CHECK(has(alone.out, "# TYPE toolkit_http_client_request_time_seconds histogram\n"));
    CHECK(has(alone.out, "toolkit_http_client_response_fully_read_time_seconds_count"));
    CHECK_FALSE(has(alone.out, "200 OK"));
    ScriptedHost other(answering({kOk}));
    const RunResult both =
        run({other.url("/"), "--metrics", "prom", "--format", "compact", "--emit", "none"});
    CHECK(both.out.starts_with("200 GET"));
    CHECK(has(both.out, "\n# "));
  }

  TEST_CASE("--metrics prom:FILE writes the file as a whole beside the report") {
    Scratch scratch;
    ScriptedHost host(answering({kBusy, kOk}));
    const RunResult result =
        run({host.url("/"), "--retry", "1", "--backoff", "0", "--metrics",
             "prom:" + scratch.path("metrics"), "--emit", "none", "--format", "compact"});
    CHECK(result.code == 0);
    CHECK(has(result.out, "200 GET"));
    const std::string text = scratch.read("metrics");
    CHECK(has(text, "status=\"503\""));
    CHECK(has(text, "status=\"200\""));
    const RunResult lost = run({host.url("/"), "--metrics",
                                "prom:" + scratch.path("no/such/directory"), "--emit", "none"});
    CHECK(lost.code == 23);
    CHECK(has(lost.err, "cannot write the metrics to \""));
  }

  TEST_CASE("--metrics prom:FILE writes to a device, and to what a link leads to") {
    Scratch scratch;
    ScriptedHost host(answering({kOk, kOk}));
    const std::string device = scratch.path("device");
    const std::string link = scratch.path("link");
    REQUIRE(symlink("/dev/null", device.c_str()) == 0);
    const std::string file = scratch.write("file", "old");
    REQUIRE(symlink(file.c_str(), link.c_str()) == 0);
    for (const std::string& path : {device, link}) {
      CAPTURE(path);
      CHECK(run({host.url("/"), "--metrics", "prom:" + path, "--emit", "none"}).code == 0);
      struct stat facts {};
      REQUIRE(lstat(path.c_str(), &facts) == 0);
      CHECK(S_ISLNK(facts.st_mode));
    }
    CHECK(has(scratch.read("file"), "status=\"200\""));
  }

  TEST_CASE("--metrics statsd sends every value, and nobody there is no failure") {
    FakeDaemon server;
    ScriptedHost host(answering({kOk, kOk}));
    const std::string where = "statsd://" + server.address();
    CHECK(run({host.url("/"), "--metrics", where, "--emit", "none"}).code == 0);
    std::string all;
    for (std::string next = server.next(); !next.empty(); next = server.next()) all += next + "\n";
    CHECK(has(all, "toolkit.http.client.request.time:"));
    CHECK(has(all, "|h|#"));
    server.leave();
    const RunResult absent = run({host.url("/"), "--metrics", where, "--emit", "none"});
    CHECK(absent.code == 0);
    CHECK(has(absent.err, "nobody listens at " + server.address()));
  }
}

}  // namespace get_plan_test
