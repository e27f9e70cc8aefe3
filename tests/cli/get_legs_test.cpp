#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <xtrace/trace_header.h>

#include "get_run.h"
#include "scripted_host.h"
#include "support/scratch.h"

namespace get_legs_test {

using namespace xtrace;
using namespace xtrace::testing;

namespace {

constexpr const char* kMoved =
    "HTTP/1.1 302 Found\r\nLocation: /next?key=hidden\r\nContent-Length: 0\r\n\r\n";
constexpr const char* kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

/// Plays `answers` on one connection.
std::function<void(ScriptedServer&)> answering(std::vector<std::string> answers) {
  return [answers = std::move(answers)](ScriptedServer& server) {
    Script& script = server.on_connection();
    for (const std::string& answer : answers) script.expect_head().send(answer);
  };
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string parent_of(std::string_view head) {
  constexpr std::string_view kField = "X-Amzn-Trace-Id: ";
  const auto at = head.find(kField);
  REQUIRE(at != std::string_view::npos);
  const auto begin = at + kField.size();
  return parse_trace_header(head.substr(begin, head.find("\r\n", begin) - begin)).parent;
}

}  // namespace

TEST_SUITE("cli/verb_get legs") {
  TEST_CASE("without -L a redirect is an answer like any other") {
    ScriptedHost host(answering({kMoved}));
    const RunResult result =
        run({host.url("/"), "--emit", "none", "-w", "%{http_code} %{redirect_url}"});
    CHECK(result.code == 0);
    CHECK(result.out == "302 " + host.url("/next"));
  }

  TEST_CASE("with -L each leg is recorded under the id that its request was sent with") {
    ScriptedHost host(answering({kMoved, kAnswer}));
    FakeDaemon daemon;
    const RunResult result = run({host.url("/"), "-L", "--format", "json"},
                                 {{"AWS_XRAY_DAEMON_ADDRESS", daemon.address()}});
    CHECK(result.code == 0);
    const auto report = nlohmann::json::parse(result.out);
    REQUIRE(report.at("legs").size() == 2);
    CHECK(report.at("legs")[0].at("status") == 302);
    CHECK(report.at("legs")[0].at("attempts")[0].at("superseded") == "redirected");
    CHECK(report.at("legs")[1].at("url") == host.url("/next"));
    CHECK(report.at("legs")[1].at("attempts")[0].at("reused") == true);
    CHECK(report.at("status") == 200);

    const std::string heads = host.received();
    const auto second = heads.find("\r\n\r\n") + 4;
    const auto document = daemon.next_document();
    const auto& legs = document.at("subsegments");
    REQUIRE(legs.size() == 2);
    CHECK(legs[0].at("id") == parent_of(heads.substr(0, second)));
    CHECK(legs[1].at("id") == parent_of(heads.substr(second)));
    CHECK(legs[0].at("http").at("response").at("status") == 302);
    CHECK(legs[1].at("http").at("request").at("url") == host.url("/next"));
    CHECK_FALSE(has(document.dump(), "hidden"));
  }

  TEST_CASE("a trace header of the caller's own goes along to every leg") {
    ScriptedHost host(answering({kMoved, kAnswer}));
    CHECK(run({host.url("/"), "-L", "-H", "X-Amzn-Trace-Id: Root=mine", "--emit", "none"}).code ==
          0);
    const std::string heads = host.received();
    CHECK(heads.find("Root=mine") != heads.rfind("Root=mine"));
  }

  TEST_CASE("one redirect too many ends with 47 and shows every leg") {
    ScriptedHost host(answering({kMoved, kMoved, kMoved}));
    const RunResult result =
        run({host.url("/"), "-L", "--max-redirs", "1", "--emit", "none", "--format", "compact"});
    CHECK(result.code == 47);
    CHECK(has(result.out, "302 GET "));
    CHECK(has(result.out, "ERR too_many_redirects"));
  }

  TEST_CASE("-o holds the body of the last leg only") {
    Scratch scratch;
    const std::string path = scratch.write("body", "something longer than the answer");
    ScriptedHost host(answering(
        {"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 6\r\n\r\nmoved!", kAnswer}));
    CHECK(run({host.url("/"), "-L", "--emit", "none", "-o", path}).code == 0);
    CHECK(scratch.read("body") == "hello");
  }

  TEST_CASE("a leg that fails leaves the file as it was") {
    Scratch scratch;
    const std::string path = scratch.write("body", "precious");
    ScriptedHost host([](ScriptedServer& server) {
      server.on_connection().expect_head().send(kMoved).expect_head().close();
      server.on_connection().expect_head().close();
    });
    CHECK(run({host.url("/"), "-L", "--emit", "none", "-o", path}).code == 52);
    CHECK(scratch.read("body") == "precious");
  }

  TEST_CASE("one redirect too many leaves the file as it was") {
    Scratch scratch;
    const std::string path = scratch.write("body", "precious");
    ScriptedHost host(answering({kMoved, kMoved}));
    CHECK(run({host.url("/"), "-L", "--max-redirs", "1", "--emit", "none", "-o", path}).code == 47);
    CHECK(scratch.read("body") == "precious");
  }

  TEST_CASE("-v tells the redirect, the reuse and both heads") {
    ScriptedHost host(answering({kMoved, kAnswer}));
    const RunResult result = run({host.url("/first"), "-L", "-v", "--emit", "none"});
    CHECK(has(result.err, "> GET /first HTTP/1.1\n"));
    CHECK(has(result.err, "> GET /next?*** HTTP/1.1\n"));
    CHECK(has(result.err, "redirected by 302 to " + host.url("/next") + "\n"));
    CHECK(has(result.err, "reused connection, idle for "));
    CHECK(has(result.err, "the connection is kept for the next request\n"));
    CHECK_FALSE(has(result.err, "hidden"));
  }

  TEST_CASE("-w stands for the report, or behind it where --format asks for one") {
    ScriptedHost host(answering({kAnswer, kAnswer, kAnswer}));
    ScriptedHost other(answering({kAnswer}));
    CHECK(run({host.url("/"), "--emit", "none", "-w", "%{http_code}\\n"}).out == "200\n");
    const RunResult both = run({other.url("/"), "--emit", "none", "-w", "%{nothing}<%{http_code}>",
                                "--format", "compact"});
    CHECK(both.out.starts_with("200 GET "));
    CHECK(both.out.ends_with("\n<200>"));
    CHECK(both.err == "xtrace: unknown --write-out variable: 'nothing'\n");
  }

  TEST_CASE("a form arrives in parts, with its length") {
    Scratch scratch;
    const std::string file = scratch.write("notes.txt", "some notes");
    ScriptedHost host([](ScriptedServer& server) {
      server.on_connection().expect("some notes\r\n").expect("--\r\n").send(kAnswer);
    });
    CHECK(run({host.url("/"), "-F", "a=1", "-F", "f=@" + file, "--emit", "none"}).code == 0);
    const std::string received = host.received();
    CHECK(has(received, "POST / HTTP/1.1\r\n"));
    CHECK(has(received, "\r\nContent-Length: "));
    CHECK(has(received,
              "name=\"f\"; filename=\"notes.txt\"\r\nContent-Type: text/plain\r\n\r\n"
              "some notes\r\n"));
  }
}

}  // namespace get_legs_test
