#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "get_run.h"
#include "scripted_host.h"
#include "support/lines.h"
#include "support/scratch.h"

namespace load_verb_test {

using namespace xtrace;
using namespace xtrace::testing;
using nlohmann::json;

namespace {

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const std::string kBusy = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";

json parse(const std::string& text) {
  json value = json::parse(text, nullptr, false);
  REQUIRE(value.is_object());
  return value;
}

/// Plays the answers on each connection, one for each request.
std::function<void(ScriptedServer&)> answering(std::vector<std::string> answers) {
  return [answers = std::move(answers)](ScriptedServer& server) {
    Script& script = server.on_connection();
    for (const std::string& answer : answers) script.expect_head().send(answer);
  };
}

std::size_t count_of(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

std::vector<json> all_documents(FakeDaemon& daemon) {
  std::vector<json> documents;
  constexpr std::size_t kHeader = 30;
  for (std::string next = daemon.next(); !next.empty(); next = daemon.next()) {
    documents.push_back(parse(next.substr(kHeader)));
  }
  return documents;
}

}  // namespace

TEST_SUITE("cli/load_verb") {
  TEST_CASE("many requests share a connection, and each is a trace of its own") {
    ScriptedHost host(answering({kOk, kOk, kOk, kOk}));
    FakeDaemon daemon;
    const RunResult result = run({host.url("/"), "-n", "4", "--format", "json", "--emit",
                                  "udp://" + daemon.address(), "-a", "build=17"});
    CHECK(result.code == 0);
    CHECK(result.err.empty());
    const json report = parse(result.out);
    CHECK(report["requests"] == 4);
    CHECK(report["connections"] == json({{"opened", 1}, {"reused", 3}}));
    CHECK(report["statuses"] == json({{"200", 4}}));
    CHECK(report["emit"]["sent"] == 4);
    const std::string sent = host.received();
    std::set<std::string> traces;
    for (const json& document : all_documents(daemon)) {
      const std::string trace = document["trace_id"];
      traces.insert(trace);
      CHECK(document["annotations"]["build"] == 17);
      // The header named the subsegment that was recorded.
      const std::string remote = document["subsegments"][0]["id"];
      CHECK(count_of(sent, "Root=" + trace + ";Parent=" + remote + ";Sampled=1") == 1);
    }
    CHECK(traces.size() == 4);
  }

  TEST_CASE("with --one-trace the requests are subsegments of one segment") {
    ScriptedHost host(answering({kOk, kOk, kOk}));
    FakeDaemon daemon;
    const RunResult result = run({host.url("/"), "-n", "3", "--one-trace", "--format", "json",
                                  "--emit", "udp://" + daemon.address()});
    CHECK(result.code == 0);
    const std::vector<json> documents = all_documents(daemon);
    REQUIRE(documents.size() == 5);
    const json& first = documents.front();
    const json& last = documents.back();
    CHECK(first["in_progress"] == true);
    CHECK(first["id"] == last["id"]);
    CHECK(last.contains("end_time"));
    for (std::size_t i = 1; i < 4; ++i) {
      CHECK(documents[i]["type"] == "subsegment");
      CHECK(documents[i]["parent_id"] == first["id"]);
      CHECK(documents[i]["trace_id"] == first["trace_id"]);
      const std::string id = documents[i]["id"];
      CHECK(count_of(host.received(), ";Parent=" + id + ";") == 1);
    }
    CHECK(parse(result.out)["trace_id"] == first["trace_id"]);
  }

  TEST_CASE("the caller's trace goes on in every request") {
    ScriptedHost host(answering({kOk, kOk}));
    FakeDaemon daemon;
    run({host.url("/"), "-n", "2", "--emit", "udp://" + daemon.address(), "--trace-header",
         "Root=1-58406520-a006649127e371903a2de979;Parent=53995c3f42cd8ad8;Lineage=x:1"});
    const std::vector<json> documents = all_documents(daemon);
    REQUIRE(documents.size() == 2);
    for (const json& document : documents) {
      CHECK(document["trace_id"] == "1-58406520-a006649127e371903a2de979");
      CHECK(document["parent_id"] == "53995c3f42cd8ad8");
    }
    CHECK(documents[0]["id"] != documents[1]["id"]);
    CHECK(count_of(host.received(), ";Sampled=1;Lineage=x:1\r\n") == 2);
  }

  TEST_CASE("what is not sampled is measured and not recorded") {
    ScriptedHost host(answering({kOk, kOk}));
    FakeDaemon daemon;
    const RunResult result = run({host.url("/"), "-n", "2", "--sampled", "0", "--format", "json",
                                  "--emit", "udp://" + daemon.address()});
    CHECK(parse(result.out)["emit"]["traces"] == 0);
    CHECK(daemon.next().empty());
    CHECK(count_of(host.received(), ";Sampled=0\r\n") == 2);
  }

  TEST_CASE("a connection of its own for each request where keep-alive is off") {
    ScriptedHost host(answering({kOk}));
    const RunResult result =
        run({host.url("/"), "-n", "3", "--keepalive", "off", "--sampled", "0", "--format", "json"});
    CHECK(parse(result.out)["connections"] == json({{"opened", 3}, {"reused", 0}}));
  }

  TEST_CASE("the warm-up is sent and not counted") {
    ScriptedHost host(answering({kBusy, kBusy, kOk, kOk, kOk}));
    const RunResult result =
        run({host.url("/"), "-n", "3", "--warmup", "2", "--sampled", "0", "--format", "json"});
    const json report = parse(result.out);
    CHECK(report["requests"] == 3);
    CHECK(report["warmup"] == 2);
    CHECK(report["statuses"] == json({{"200", 3}}));
    CHECK(report["connections"] == json({{"opened", 0}, {"reused", 3}}));
  }

  TEST_CASE("jsonl has a line for each request, and csv a row behind its header") {
    ScriptedHost host(answering({kOk, kBusy, kOk, kBusy}));
    const RunResult lines = run({host.url("/"), "-n", "2", "--sampled", "0", "--format", "jsonl"});
    REQUIRE(lines_of(lines.out).size() == 2);
    CHECK(parse(lines_of(lines.out)[0])["schema"] == "xtrace.request/1");
    CHECK(parse(lines_of(lines.out)[0])["status"] == 200);
    CHECK(parse(lines_of(lines.out)[1])["status"] == 503);
    ScriptedHost other(answering({kOk, kBusy}));
    const RunResult rows = run({other.url("/"), "-n", "2", "--sampled", "0", "--format", "csv"});
    const std::vector<std::string> table = lines_of(rows.out);
    REQUIRE(table.size() == 3);
    CHECK(table[0].starts_with("number,started_at,trace_id,method,url,status,"));
    for (const std::string& row : table) CHECK(count_of(row, ",") == count_of(table[0], ","));
    CHECK(table[1].starts_with("1,"));
    CHECK(count_of(table[1], ",GET," + other.url("/") + ",200,,,0,1,127.0.0.1:") == 1);
    CHECK(count_of(table[2], ",GET," + other.url("/") + ",503,,,1,1,127.0.0.1:") == 1);
  }

  TEST_CASE("a line of jsonl says where the request's document went") {
    ScriptedHost host(answering({kOk, kOk}));
    FakeDaemon daemon;
    const std::string to = "udp://" + daemon.address();
    const RunResult result = run({host.url("/"), "-n", "2", "--format", "jsonl", "--emit", to});
    for (const std::string& line : lines_of(result.out)) {
      const json report = parse(line);
      CHECK(report["emit"]["to"] == to);
      CHECK(report["emit"]["documents"] == 1);
      CHECK(parse(daemon.next().substr(30))["trace_id"] == report["trace_id"]);
    }
  }

  TEST_CASE("documents alone are what xray and --emit - put on stdout") {
    ScriptedHost host(answering({kOk, kOk}));
    const RunResult xray = run({host.url("/"), "-n", "2", "--emit", "none", "--format", "xray"});
    REQUIRE(lines_of(xray.out).size() == 2);
    for (const std::string& line : lines_of(xray.out)) CHECK(parse(line)["name"] == "xtrace");
    ScriptedHost other(answering({kOk, kOk}));
    const RunResult emitted = run({other.url("/"), "-n", "2", "--emit", "-"});
    CHECK(lines_of(emitted.out).size() == 2);
    CHECK(count_of(emitted.err, "2 requests") > 0);
  }

  TEST_CASE("the exit code is 4 for a missed goal, before what --fail makes of answers") {
    ScriptedHost host(answering({kOk, kBusy}));
    const std::string url = host.url("/");
    CHECK(run({url, "-n", "2", "--sampled", "0", "--slo", "total.max=0.000000001"}).code == 4);
    CHECK(run({url, "-n", "2", "--sampled", "0", "-f", "--slo", "total.max=1m"}).code == 22);
    CHECK(run({url, "-n", "2", "--sampled", "0", "--expect-status", "200"}).code == 22);
    CHECK(run({url, "-n", "2", "--sampled", "0", "--slo", "total.max=1m,ttfb=1m"}).code == 0);
  }

  TEST_CASE("where every request fails the exit code is the most frequent error's") {
    std::string url;
    {
      ScriptedHost gone(answering({}));
      url = gone.url("/");
    }
    const RunResult result = run({url, "-n", "3", "--sampled", "0", "--format", "json"});
    CHECK(result.code == 7);
    const json report = parse(result.out);
    CHECK(report["errors"] == 3);
    CHECK(report["error_counts"][0]["code"] == "connect_refused");
    CHECK(report["error_counts"][0]["count"] == 3);
    CHECK(run({url, "-n", "3", "--sampled", "0", "--slo", "total=1m"}).code == 4);
  }

  TEST_CASE("documents that nobody takes are told, and --require-emit minds") {
    ScriptedHost host(answering({kOk, kOk, kOk, kOk}));
    FakeDaemon daemon;
    const std::string to = "udp://" + daemon.address();
    daemon.leave();
    const RunResult result = run({host.url("/"), "-n", "2", "--emit", to, "--format", "compact"});
    CHECK(result.code == 0);
    CHECK(count_of(result.err, "2 of 2 documents were not sent to " + to) == 1);
    CHECK(run({host.url("/"), "-n", "2", "--emit", to, "--require-emit"}).code == 69);
  }

  TEST_CASE("verbose tells the events of each request and the state of the pool") {
    ScriptedHost host(answering({kOk, kOk}));
    const RunResult result = run({host.url("/"), "-n", "2", "-v", "--sampled", "0"});
    CHECK(count_of(result.err, "[1] * ") > 0);
    CHECK(count_of(result.err, "[2] * ") > 0);
    CHECK(count_of(result.err, "new connection") == 1);
    CHECK(count_of(result.err, "reused connection") == 1);
    CHECK(count_of(result.out, "  pool") == 1);
    CHECK(count_of(result.out, "opened 1  reused 1") == 1);
  }

  TEST_CASE("a schedule's requests count from when they were due") {
    // The second is due while the only place in flight waits for the first answer.
    ScriptedHost host([](ScriptedServer& server) {
      server.on_connection()
          .expect_head()
          .wait(std::chrono::milliseconds(60))
          .send(kOk)
          .expect_head()
          .send(kOk);
    });
    const RunResult result =
        run({host.url("/"), "-n", "2", "--rate", "100", "--sampled", "0", "--format", "json"});
    const json report = parse(result.out);
    CHECK(report["latency_from"] == "intended_start");
    CHECK(report["latest_us"].get<int>() >= 50'000);
    CHECK(report["phases"]["total"]["warm"]["min_us"].get<int>() >= 50'000);
  }

  TEST_CASE("a duration ends a run, and what a server never answers is cancelled and told") {
    ScriptedHost host([](ScriptedServer& server) {
      server.on_connection().expect_head().send(kOk).expect_head().silent();
    });
    const RunResult result =
        run({host.url("/"), "--duration", "20ms", "--sampled", "0", "-m", "9", "--format", "json"});
    const json report = parse(result.out);
    CHECK(result.code == 0);
    CHECK(report["requests"] == 1);
    CHECK(report["cancelled"] == 1);
    CHECK(report["duration_us"].get<int>() >= 2'020'000);
  }

  TEST_CASE("a body that can be read only once is not for many requests") {
    Scratch scratch;
    const std::string pipe = scratch.path("pipe");
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    const RunResult result = run({"put", "http://127.0.0.1:9/", "-n", "2", "-T", pipe});
    CHECK(result.code == 2);
    CHECK(count_of(result.err, "can be read only once") == 1);
  }

  TEST_CASE("what many requests leave no sense to is refused") {
    const auto refusal = [](std::initializer_list<std::string_view> words) {
      const RunResult result = run(words);
      CHECK(result.code == 2);
      return result.err;
    };
    CHECK(count_of(refusal({"get", "u", "-n", "2", "-o", "x"}), "takes -o or many requests") == 1);
    CHECK(count_of(refusal({"get", "u", "-n", "2", "--format", "classic"}), "--format classic") ==
          1);
    CHECK(count_of(refusal({"get", "u", "-c", "2"}), "-c only together with -n or --duration") ==
          1);
    CHECK(count_of(refusal({"get", "u", "-n", "0"}), "is not a whole number from 1 on") == 1);
    CHECK(count_of(refusal({"get", "u", "--duration", "0"}), "leaves nothing to do") == 1);
    CHECK(count_of(refusal({"get", "u", "-n", "2", "--format", "csv", "--emit", "-"}),
                   "--emit -") == 1);
  }
}

}  // namespace load_verb_test
