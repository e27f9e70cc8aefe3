#include <csignal>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <xtrace/trace_header.h>

#include "get_run.h"
#include "scripted_host.h"
#include "support/scratch.h"

namespace verb_get_test {

using namespace xtrace;
using namespace xtrace::testing;

namespace {

constexpr const char* kAnswer =
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSet-Cookie: a=hidden\r\n\r\nhello";

/// Answers the first request with `answer`.
std::function<void(ScriptedServer&)> answering(std::string answer) {
  return [answer = std::move(answer)](ScriptedServer& server) {
    server.on_connection().expect_head().send(answer);
  };
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// The value of a field in a request as received.
std::string field(const std::string& received, std::string_view name) {
  const auto at = received.find("\r\n" + std::string(name) + ": ");
  if (at == std::string::npos) return "(none)";
  const auto begin = at + name.size() + 4;
  return received.substr(begin, received.find("\r\n", begin) - begin);
}

}  // namespace

TEST_SUITE("cli/verb_get") {
  TEST_CASE("get reports on stdout, emits one segment and ends with 0") {
    ScriptedHost host(answering(kAnswer));
    FakeDaemon daemon;
    const RunResult result = run({host.url("/p?key=hidden"), "--name", "shop", "-a", "build=17",
                                  "--metadata", R"({"who":"me"})"},
                                 {{"AWS_XRAY_DAEMON_ADDRESS", daemon.address()}});
    CHECK(result.code == 0);
    CHECK(has(result.out, "200 OK"));
    CHECK(result.err.empty());
    CHECK_FALSE(has(result.out, "hidden"));

    const auto document = daemon.next_document();
    CHECK(document.at("name") == "shop");
    CHECK(document.at("annotations").at("build") == 17);
    CHECK(document.at("metadata").at("default").at("who") == "me");
    const auto& remote = document.at("subsegments").at(0);
    CHECK(host.url("") == "http://" + remote.at("name").get<std::string>());
    CHECK(remote.at("namespace") == "remote");
    CHECK(remote.at("http").at("request").at("url") == host.url("/p"));

    const TraceHeader sent = parse_trace_header(field(host.received(), "X-Amzn-Trace-Id"));
    CHECK(sent.root->to_string() == document.at("trace_id"));
    CHECK(sent.parent == remote.at("id"));
    CHECK(sent.sampled == Sampled::yes);
    CHECK(daemon.next().empty());
  }

  TEST_CASE("an incoming trace is continued, from the flag before the environment") {
    ScriptedHost host(answering(kAnswer));
    FakeDaemon daemon;
    const RunResult result =
        run({host.url("/"), "--trace-header",
             "Root=1-58406520-a006649127e371903a2de979;Parent=53995c3f42cd8ad8;Lineage=x:1"},
            {{"AWS_XRAY_DAEMON_ADDRESS", daemon.address()},
             {"_X_AMZN_TRACE_ID", "Root=1-11111111-a006649127e371903a2de979;Sampled=0"}});
    CHECK(result.code == 0);
    const auto document = daemon.next_document();
    CHECK(document.at("trace_id") == "1-58406520-a006649127e371903a2de979");
    CHECK(document.at("parent_id") == "53995c3f42cd8ad8");
    CHECK(field(host.received(), "X-Amzn-Trace-Id").ends_with(";Sampled=1;Lineage=x:1"));
  }

  TEST_CASE("an unsampled request carries the decision and emits nothing") {
    ScriptedHost host(answering(kAnswer));
    FakeDaemon daemon;
    const RunResult result =
        run({host.url("/"), "--format", "json"},
            {{"AWS_XRAY_DAEMON_ADDRESS", daemon.address()}, {"_X_AMZN_TRACE_ID", "Sampled=0"}});
    CHECK(result.code == 0);
    CHECK(field(host.received(), "X-Amzn-Trace-Id").ends_with(";Sampled=0"));
    CHECK(daemon.next().empty());
    const auto report = nlohmann::json::parse(result.out);
    CHECK(report.at("sampled") == false);
    CHECK(report.at("emit").at("outcome") == "off");
  }

  TEST_CASE("Sampled=? obeys the server's answer") {
    for (const bool wants : {false, true}) {
      const std::string decision = wants ? "1" : "0";
      ScriptedHost host(answering(
          "HTTP/1.1 204 No Content\r\nX-Amzn-Trace-Id: Sampled=" + decision + "\r\n\r\n"));
      FakeDaemon daemon;
      CHECK(run({host.url("/"), "--sampled", "?", "--emit", "udp://" + daemon.address()}).code ==
            0);
      CHECK(field(host.received(), "X-Amzn-Trace-Id").ends_with(";Sampled=?"));
      CHECK(daemon.next().empty() == !wants);
    }
  }

  TEST_CASE("a trace header of the caller's own stays as it is") {
    ScriptedHost host(answering(kAnswer));
    CHECK(run({host.url("/"), "-H", "X-Amzn-Trace-Id: Root=mine", "--emit", "none"}).code == 0);
    CHECK(field(host.received(), "X-Amzn-Trace-Id") == "Root=mine");
  }

  TEST_CASE("a timeout draws what was reached, ends with 28 and emits a fault") {
    ScriptedHost host([](ScriptedServer& server) { server.on_connection().silent(); });
    FakeDaemon daemon;
    const RunResult result =
        run({host.url("/"), "--response-timeout", "20ms", "--emit", "udp://" + daemon.address()});
    CHECK(result.code == 28);
    CHECK(has(result.out, "request"));
    const auto document = daemon.next_document();
    CHECK(document.at("fault") == true);
    CHECK(document.at("subsegments").at(0).at("fault") == true);
    CHECK(document.at("subsegments").at(0).contains("cause"));
  }

  TEST_CASE("SIGINT and SIGTERM end the request, show what was reached and emit the segment") {
    for (const int signal : {SIGINT, SIGTERM}) {
      ScriptedHost host([signal](ScriptedServer& server) {
        server.on_connection().expect_head().run([signal] { kill(getpid(), signal); });
      });
      FakeDaemon daemon;
      const RunResult result = run({host.url("/"), "--emit", "udp://" + daemon.address()});
      CHECK(result.code == 128 + signal);
      CHECK(has(result.out, "request"));
      CHECK(daemon.next_document().at("subsegments").at(0).contains("cause"));
    }
  }

  TEST_CASE("nobody at the daemon's port is no failure unless it is required to be one") {
    FakeDaemon daemon;
    daemon.leave();
    const std::string target = "udp://" + daemon.address();
    ScriptedHost host(answering(kAnswer));
    const RunResult lenient = run({host.url("/"), "--emit", target});
    CHECK(lenient.code == 0);
    CHECK(lenient.err.empty());
    const RunResult strict = run({host.url("/"), "--emit", target, "--require-emit"});
    CHECK(strict.code == 69);
    CHECK(strict.err ==
          "xtrace: nobody listens at " + daemon.address() + ", the trace was not kept\n");
    CHECK(run({host.url("/"), "--emit", target, "--require-emit", "-s"}).err.empty());
  }

  TEST_CASE("--emit writes to a file or to stdout, and the report then goes to stderr") {
    Scratch scratch;
    ScriptedHost host(answering(kAnswer));
    CHECK(run({host.url("/"), "--emit", "file:" + scratch.path("t"), "--require-emit"}).code == 0);
    CHECK(nlohmann::json::parse(scratch.read("t")).at("name") == "xtrace");

    const RunResult result = run({host.url("/"), "--emit", "-"});
    CHECK(nlohmann::json::parse(result.out).at("name") == "xtrace");
    CHECK(has(result.err, "200 OK"));
  }

  TEST_CASE("what the environment says of the daemon is checked before anything is sent") {
    ScriptedHost host(answering(kAnswer));
    const RunResult result = run({host.url("/")}, {{"AWS_XRAY_DAEMON_ADDRESS", "nonsense"}});
    CHECK(result.code == 2);
    CHECK(has(result.err, "AWS_XRAY_DAEMON_ADDRESS"));
    CHECK(host.received().empty());
  }

  TEST_CASE("a file that TLS needs and cannot have is one sentence, and no trace") {
    FakeDaemon daemon;
    const RunResult result = run({"https://127.0.0.1:1/", "--cacert", "/no/such/ca.pem"},
                                 {{"AWS_XRAY_DAEMON_ADDRESS", daemon.address()}});
    CHECK(result.code == 2);
    CHECK(result.out.empty());
    CHECK(result.err ==
          "xtrace: read the CA file /no/such/ca.pem: no such file or directory (ENOENT)\n");
    CHECK(daemon.next().empty());
  }

  TEST_CASE("the trace of TRACEPARENT goes on where _X_AMZN_TRACE_ID names none") {
    FakeDaemon daemon;
    ScriptedHost host(answering(kAnswer));
    const std::string traceparent = "00-58406520a006649127e371903a2de979-53995c3f42cd8ad8-01";
    CHECK(run({host.url("/")},
              {{"AWS_XRAY_DAEMON_ADDRESS", daemon.address()}, {"TRACEPARENT", traceparent}})
              .code == 0);
    const auto document = daemon.next_document();
    CHECK(document.at("trace_id") == "1-58406520-a006649127e371903a2de979");
    CHECK(document.at("parent_id") == "53995c3f42cd8ad8");
    CHECK(has(host.received(), "Root=1-58406520-a006649127e371903a2de979;"));
  }

  TEST_CASE("a trace header in the environment that is none begins a new trace, and says so") {
    ScriptedHost host(answering(kAnswer));
    const RunResult result = run({host.url("/"), "--emit", "none", "--format", "json"},
                                 {{"_X_AMZN_TRACE_ID", "rubbish"}});
    CHECK(result.code == 0);
    CHECK(result.err == "xtrace: _X_AMZN_TRACE_ID holds no trace id, so a new trace begins\n");
    CHECK(has(result.out, "\"trace_id\":\"1-"));
  }
}

}  // namespace verb_get_test
