#include "cli/verb_show.h"

#include <cstdlib>
#include <string>
#include <string_view>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include "get_run.h"
#include "scripted_host.h"
#include "support/scratch.h"

namespace verb_show_test {

using namespace xtrace;
using namespace xtrace::testing;

namespace {

constexpr std::string_view kFault = "1-65a0b1c2-0123456789abcdef01234567";
constexpr std::string_view kFine = "1-65a0b1c3-fedcba9876543210fedcba98";

std::string document(std::string_view trace, std::string_view name, std::string_view more) {
  return R"({"name":")" + std::string(name) + R"(","id":"00000000000000a1","trace_id":")" +
         std::string(trace) + R"(","start_time":1705030082.5)" + std::string(more) + "}";
}

const std::string kFaulty = document(kFault, "orders", R"(,"end_time":1705030083,"fault":true)");
const std::string kGood = document(kFine, "users", R"(,"end_time":1705030082.75)");
const std::string kBoth = kGood + "\n" + kFaulty + "\n";

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// Where a listener would be.
std::map<std::string, std::string> listener(const ScriptedHost& host) {
  return {{"AWS_XRAY_DAEMON_ADDRESS", host.url("").substr(std::string_view("http://").size())}};
}

/// Answers one request with each of these bodies, in their order.
std::function<void(ScriptedServer&)> answering(std::vector<std::string> bodies) {
  return [bodies = std::move(bodies)](ScriptedServer& server) {
    for (const std::string& body : bodies) {
      server.on_connection()
          .expect_head()
          .expect("}")
          .send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                body)
          .close();
    }
  };
}

/// A terminal, and what is shown on it.
struct Terminal {
  Terminal() : master(posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)) {
    REQUIRE(grantpt(master) == 0);
    REQUIRE(unlockpt(master) == 0);
    slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    REQUIRE(slave >= 0);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() {
    close(slave);
    close(master);
  }
  std::string read_all() const {
    std::string text(65536, '\0');
    std::size_t size = 0;
    while (true) {
      const ssize_t got = read(master, text.data() + size, text.size() - size);
      if (got <= 0) break;
      size += static_cast<std::size_t>(got);
    }
    text.resize(size);
    return text;
  }

  int master = -1;
  int slave = -1;
};

}  // namespace

TEST_SUITE("cli/verb_show") {
  TEST_CASE("one trace is drawn, of several there is a list in the order of their beginnings") {
    const RunResult one = run_with_input(kFaulty, {"show", "-"});
    CHECK(one.code == 0);
    CHECK(one.err.empty());
    CHECK(one.out.starts_with(std::string(kFault) + "  F  500.0ms  2024-01-12T03:28:02Z\n"));
    CHECK(has(one.out, "\n  orders   F ####"));
    const RunResult list = run_with_input(kFaulty + kGood, {"show", "-"});
    CHECK(list.code == 0);
    CHECK(list.out.starts_with("began "));
    CHECK(has(list.out, " F  orders "));
    CHECK(has(list.out, " 01234567\n"));
    CHECK(has(list.out, " fedcba98\n"));
  }

  TEST_CASE("an id, or digits of it, picks a trace of a file") {
    Scratch scratch;
    const std::string path = scratch.write("traces.jsonl", kBoth);
    for (const std::string_view id : {kFault, std::string_view("65A0B1C20123456789ABCDEF01234567"),
                                      std::string_view("01234567"), std::string_view("b1c2-01")}) {
      CAPTURE(id);
      const RunResult result = run({"show", path, id});
      CHECK(result.code == 0);
      CHECK(result.out.starts_with(kFault));
      CHECK_FALSE(has(result.out, "users"));
    }
    const RunResult none = run({"show", path, "00000000"});
    CHECK(none.code == 1);
    CHECK(none.err == "xtrace: " + path + " holds no such trace: 00000000\n");
  }

  TEST_CASE("--errors, --filter and --errors-first choose and order") {
    CHECK(run_with_input(kBoth, {"show", "-", "--errors"}).out.starts_with(kFault));
    CHECK(
        run_with_input(kBoth, {"show", "-", "--filter", "duration < 0.3"}).out.starts_with(kFine));
    const std::string first = run_with_input(kBoth, {"show", "-", "--errors-first"}).out;
    CHECK(first.find("orders") < first.find("users"));
    const RunResult none = run_with_input(kBoth, {"show", "-", "--filter", "duration > 9"});
    CHECK(none.code == 1);
    CHECK(none.err == "xtrace: stdin has 2 traces, and none that is asked for\n");
    const RunResult bad = run_with_input(kBoth, {"show", "-", "--filter", "duration >"});
    CHECK(bad.code == 2);
    CHECK(bad.err.starts_with("xtrace show --filter: column "));
  }

  TEST_CASE("--all draws every trace, with a line between them") {
    const RunResult result = run_with_input(kBoth, {"show", "-", "--all"});
    CHECK(has(result.out, std::string("\n\n") + std::string(kFine)) !=
          has(result.out, std::string("\n\n") + std::string(kFault)));
    CHECK(has(result.out, "  users "));
    CHECK(has(result.out, "  orders "));
  }

  TEST_CASE("formats for programs have a line for each trace, or each document") {
    const RunResult rows = run_with_input(kBoth, {"show", "-", "--format", "jsonl"});
    CHECK(rows.out.starts_with(R"({"schema":"xtrace.trace/1","id":"1-65a0b1c)"));
    CHECK(std::ranges::count(rows.out, '\n') == 2);
    const RunResult whole = run_with_input(kFaulty, {"show", "-", "--format", "json"});
    CHECK(has(whole.out, R"("nodes":[{)"));
    CHECK(std::ranges::count(whole.out, '\n') == 1);
    const std::string spread = "{\n" + kFaulty.substr(1);
    const RunResult documents = run_with_input(spread, {"show", "-", "--format", "xray"});
    CHECK(documents.out == "{ " + kFaulty.substr(1) + "\n");
    CHECK(run_with_input(documents.out, {"show", "-"}).out.starts_with(kFault));
  }

  TEST_CASE("what X-Ray would refuse is drawn, told with its line, and makes 65") {
    const std::string bad = document(kFault, "orders", "");
    const RunResult result = run_with_input(kGood + "\nnonsense\n" + bad, {"show", "-"});
    CHECK(result.code == 65);
    CHECK(has(result.err, "xtrace: stdin: line 2: "));
    CHECK(has(result.err, "xtrace: stdin: line 3: "));
    CHECK(has(result.err, "(MissingEndTime)"));
    CHECK(has(result.out, "orders"));
    CHECK(has(result.out, "users"));
  }

  TEST_CASE("the answers of BatchGetTraces and daemon datagrams are read") {
    std::string text;
    for (const char c : kFaulty) {
      if (c == '"') text += '\\';
      text += c;
    }
    const std::string answer = R"({"Traces":[{"Id":"x","Segments":[{"Id":"y","Document":")" + text +
                               R"("}]}],"UnprocessedTraceIds":[]})";
    CHECK(run_with_input(answer, {"show", "-"}).out.starts_with(kFault));
    const std::string framed = "{\"format\":\"json\",\"version\":1}\n" + kFaulty;
    CHECK(run_with_input(framed, {"show", "-"}).out.starts_with(kFault));
  }

  TEST_CASE("what is no file and no id is refused, and a file that cannot be read is named") {
    CHECK(run({"show", "no such thing"}).err ==
          "xtrace show finds neither a file nor a trace id in no such thing\n");
    const RunResult folder = run({"show", "/"});
    CHECK(folder.code == 2);
    CHECK(folder.err == "xtrace: cannot read /: is a directory (EISDIR)\n");
    CHECK(run({"show", "/nowhere/x", "01234567"}).code == 2);
    CHECK(run_with_input("", {"show", "-"}).err == "xtrace: stdin holds no document\n");
  }

  TEST_CASE("on a terminal no format lets a document steer it") {
    const Scratch scratch;
    const std::string path =
        scratch.write("hostile", R"({"trace_id":"1-65a0b1c2-0123456789abcdef01234567",)"
                                 R"("id":"00000000000000a1","start_time":1,"end_time":2,)"
                                 "\"name\":\"\\u001b]0;x\\u0007\xc2\x9bm\"}");
    for (const char* format :
         {"pretty", "json", "jsonl", "xray", "har", "perfetto", "otlp", "csv", "prom"}) {
      CAPTURE(format);
      const Terminal terminal;
      run_into(terminal.slave, {"show", path, "--format", format, "--color", "never"});
      std::string shown = terminal.read_all();
      run_into(terminal.slave, {"convert", path, "--to", format, "--color", "never"});
      shown += terminal.read_all();
      CHECK(shown.size() > 40);
      CHECK(shown.find('\x1b') == std::string::npos);
      CHECK(shown.find("\xc2\x9b") == std::string::npos);
    }
    CHECK(run({"show", path, "--format", "csv"}).out.find('\x1b') != std::string::npos);
  }

  TEST_CASE("a listener is asked for its traces, page after page") {
    const std::string list = R"({"TraceSummaries":[{"Duration":1,"Id":")";
    const ScriptedHost host(answering({list + std::string(kFault) + R"("}],"NextToken":"t"})",
                                       list + std::string(kFine) + R"("}],"NextToken":null})",
                                       R"({"Traces":[],"NextToken":"1"})",
                                       R"({"Traces":[{"Id":"a","Segments":[{"Document":)" +
                                           kFaulty + R"(},{"Document":)" + kGood + "}]}]}"}));
    const RunResult result = run({"show"}, listener(host));
    CHECK(result.err.empty());
    CHECK(result.code == 0);
    CHECK(has(result.out, " 01234567\n"));
    CHECK(has(result.out, " fedcba98\n"));
  }

  TEST_CASE("--errors looks for as many as there may be, not among so many") {
    const std::string ids = R"({"TraceSummaries":[{"Id":")" + std::string(kFine) + R"("},{"Id":")" +
                            std::string(kFault) + "\"}]}";
    const auto segments = [](const std::string& documents) {
      return R"({"Traces":[{"Id":"a","Segments":[)" + documents + "]}]}";
    };
    const std::string good = R"({"Document":)" + kGood + "}";
    const ScriptedHost host(answering({ids, segments(good + R"(,{"Document":)" + kFaulty + "}")}));
    const RunResult result = run({"show", "--errors", "-n", "1"}, listener(host));
    CHECK(result.code == 0);
    CHECK(result.out.starts_with(kFault));
    const ScriptedHost fine(answering({ids, segments(good)}));
    const RunResult none = run({"show", "--errors"}, listener(fine));
    CHECK(none.code == 1);
    CHECK(has(none.err, " has 1 trace, and none that is asked for\n"));
  }

  TEST_CASE("a page's address picks listener and trace, and nobody there is 69") {
    const std::string answer =
        R"({"Traces":[{"Id":"a","Segments":[{"Document":)" + kFaulty + "}]}]}";
    const ScriptedHost host(answering({answer}));
    const std::string url = host.url("/t/") + std::string(kFault);
    CHECK(run({"show", url}).out.starts_with(kFault));
    FakeDaemon gone;
    const std::string nobody = gone.address();
    const RunResult result = run({"show", kFault, "--from", nobody});
    CHECK(result.code == 69);
    CHECK(has(result.err, "connection refused"));
    CHECK(has(result.err, "xtrace: nobody listens there: start xtrace listen first"));
  }

  TEST_CASE("an answer of somebody else is told as what it is") {
    const ScriptedHost host(answering({"{}"}));
    const RunResult result = run({"show"}, listener(host));
    CHECK(result.code == 69);
    CHECK(has(result.err, "is it xtrace that listens there?"));
  }
}

}  // namespace verb_show_test
