#include <functional>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "cli/span_token.h"
#include "get_run.h"

namespace verb_span_test {

using namespace xtrace;
using namespace xtrace::testing;

namespace {

using Variables = std::map<std::string, std::string>;

Variables to(const FakeDaemon& daemon, Variables more = {}) {
  more.insert({"AWS_XRAY_DAEMON_ADDRESS", daemon.address()});
  return more;
}

/// A token as a script gets it: without the line's end.
std::string word(const RunResult& result) {
  CHECK(result.code == 0);
  CHECK(result.err.empty());
  REQUIRE(result.out.ends_with('\n'));
  return result.out.substr(0, result.out.size() - 1);
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

const std::string kRoot = "1-58406520-a006649127e371903a2de979";

}  // namespace

TEST_SUITE("cli/verb_span") {
  TEST_CASE("begin announces a segment, and end finishes it under the same id") {
    FakeDaemon daemon;
    const std::string token = word(run({"span", "begin", "build", "-a", "x=1"}, to(daemon)));
    const auto begun = daemon.next_document();
    CHECK(begun.at("name") == "build");
    CHECK(begun.at("in_progress") == true);
    CHECK(begun.at("annotations").at("x") == 1);
    CHECK(has(token, begun.at("trace_id").get<std::string>()));

    const RunResult ended = run({"span", "end", token, "-a", "y=two"}, to(daemon));
    CHECK(ended.code == 0);
    CHECK(ended.out.empty());
    const auto document = daemon.next_document();
    for (const char* key : {"name", "id", "trace_id", "start_time"}) {
      CHECK(document.at(key) == begun.at(key));
    }
    CHECK(document.at("end_time") >= document.at("start_time"));
    CHECK(document.at("annotations") == nlohmann::json({{"x", 1}, {"y", "two"}}));
    for (const char* key : {"in_progress", "type", "parent_id", "fault", "error"}) {
      CHECK_FALSE(document.contains(key));
    }
    CHECK(daemon.next().empty());
  }

  TEST_CASE("a note is in the token until the end, and is sent by nobody before") {
    FakeDaemon daemon;
    std::string token = word(run({"span", "begin", "build"}, to(daemon)));
    daemon.next();
    token = word(run({"span", "note", token, "shard=3", "cold=true"}, to(daemon)));
    token =
        word(run({"span", "note", token, "shard=4", "--metadata", R"({"log":[1]})"}, to(daemon)));
    CHECK(daemon.next().empty());
    CHECK(run({"span", "end", token}, to(daemon)).code == 0);
    const auto document = daemon.next_document();
    CHECK(document.at("annotations") == nlohmann::json({{"shard", 4}, {"cold", true}}));
    CHECK(document.at("metadata").at("default").at("log") == nlohmann::json({1}));
  }

  TEST_CASE("a note that is refused leaves the script its token") {
    FakeDaemon daemon;
    const std::string token = word(run({"span", "begin", "build"}, to(daemon)));
    const RunResult bad = run({"span", "note", token, "good=1", "b d=2"}, to(daemon));
    CHECK(bad.code == 2);
    CHECK(bad.out == token + "\n");
    CHECK(has(bad.err, "xtrace span note cannot take a note: the key \"b d\""));
    const RunResult none = run({"span", "note", token}, to(daemon));
    CHECK(none.code == 2);
    CHECK(none.out == token + "\n");
    const std::string large = R"({"log":")" + std::string(cli::kMaxTokenBytes, 'x') + "\"}";
    const RunResult full = run({"span", "note", token, "--metadata", large}, to(daemon));
    CHECK(full.code == 2);
    CHECK(full.out == token + "\n");
    CHECK(has(full.err, "too long for a token"));
  }

  TEST_CASE("end marks what failed, by a message or by a status") {
    FakeDaemon daemon;
    const std::string token = word(run({"span", "begin", "build"}, to(daemon)));
    daemon.next();
    CHECK(run({"span", "end", token, "--error", "2 failed"}, to(daemon)).code == 0);
    const auto failed = daemon.next_document();
    CHECK(failed.at("fault") == true);
    CHECK(failed.at("cause").at("exceptions").at(0).at("message") == "2 failed");
    CHECK(run({"span", "end", token, "--status", "429"}, to(daemon)).code == 0);
    const auto throttled = daemon.next_document();
    CHECK(throttled.at("http").at("response").at("status") == 429);
    CHECK(throttled.at("throttle") == true);
    CHECK(throttled.at("error") == true);
    CHECK_FALSE(throttled.contains("fault"));
    for (const char* status : {"99", "1000", "5xx", "", "503x"}) {
      CHECK(run({"span", "end", token, "--status", status}, to(daemon)).code == 2);
    }
    CHECK(daemon.next().empty());
  }

  TEST_CASE("a span inside another is a subsegment of it, by token, by header, by environment") {
    FakeDaemon daemon;
    const std::string outer = word(run({"span", "begin", "outer"}, to(daemon)));
    const std::string outer_id = daemon.next_document().at("id");
    const std::string header = word(run({"span", "header", outer}, to(daemon)));
    const std::string traceparent = word(run({"span", "header", "--traceparent", outer}));
    const std::vector<std::function<RunResult()>> ways = {
        [&] {
          return run({"span", "begin", "inner", "--parent", outer}, to(daemon));
        },
        [&] {
          return run({"span", "begin", "inner", "--trace-header", header}, to(daemon));
        },
        [&] {
          return run({"span", "begin", "inner"}, to(daemon, {{"_X_AMZN_TRACE_ID", header}}));
        },
        [&] {
          return run({"span", "begin", "inner"}, to(daemon, {{"TRACEPARENT", traceparent}}));
        }};
    for (const auto& begin : ways) {
      const std::string token = word(begin());
      const auto document = daemon.next_document();
      CHECK(document.at("type") == "subsegment");
      CHECK(document.at("parent_id") == outer_id);
      CHECK(document.at("in_progress") == true);
      CHECK(run({"span", "end", token}, to(daemon)).code == 0);
      const auto ended = daemon.next_document();
      CHECK(ended.at("id") == document.at("id"));
      CHECK(ended.at("parent_id") == outer_id);
      CHECK(ended.at("type") == "subsegment");
      CHECK(ended.at("start_time") == document.at("start_time"));
      CHECK(ended.contains("end_time"));
    }
    CHECK(run({"span", "begin", "x", "--parent", outer, "--trace-header", header}).code == 2);
    CHECK(run({"span", "begin", "x", "--parent", "nonsense"}).code == 2);
  }

  TEST_CASE("header prints what a call within the span has to carry") {
    FakeDaemon daemon;
    const std::string token = word(run(
        {"span", "begin", "x", "--trace-header", "Root=" + kRoot + ";Lineage=1:a:0"}, to(daemon)));
    const std::string id = daemon.next_document().at("id");
    CHECK(word(run({"span", "header", token})) ==
          "Root=" + kRoot + ";Parent=" + id + ";Sampled=1;Lineage=1:a:0");
    CHECK(word(run({"span", "header", "--traceparent", token})) ==
          "00-58406520a006649127e371903a2de979-" + id + "-01");
  }

  TEST_CASE("a span that is not sampled has a token and a header, and sends nothing") {
    FakeDaemon daemon;
    const std::string token =
        word(run({"span", "begin", "x", "--sampled", "0", "--require-emit"}, to(daemon)));
    CHECK(has(word(run({"span", "header", token})), ";Sampled=0"));
    CHECK(run({"span", "end", token, "--require-emit"}, to(daemon)).code == 0);
    const std::string inner = word(run({"span", "begin", "y", "--parent", token}, to(daemon)));
    CHECK(has(word(run({"span", "header", inner})), ";Sampled=0"));
    CHECK(daemon.next().empty());
  }

  TEST_CASE("lost documents are no trouble of the script's, unless it asks") {
    FakeDaemon daemon;
    daemon.leave();
    const std::string token = word(run({"span", "begin", "x"}, to(daemon)));
    CHECK(run({"span", "end", token}, to(daemon)).code == 0);
    const RunResult begun = run({"span", "begin", "x", "--require-emit"}, to(daemon));
    CHECK(begun.code == 69);
    CHECK(begun.out.starts_with("span1."));
    const RunResult ended = run({"span", "end", token, "--require-emit"}, to(daemon));
    CHECK(ended.code == 69);
    CHECK(ended.err ==
          "xtrace: nobody listens at " + daemon.address() + ", the span was not kept\n");
    const Variables nonsense = {{"AWS_XRAY_DAEMON_ADDRESS", "nonsense"}};
    CHECK(run({"span", "end", token}, nonsense).code == 0);
    CHECK(run({"span", "end", token, "-s"}, nonsense).err.empty());
  }

  TEST_CASE("what is no token is refused, and so is having none") {
    const RunResult bad = run({"span", "end", "span1.cut"});
    CHECK(bad.code == 2);
    CHECK(bad.err ==
          "xtrace span end cannot go on: the span token is not one of xtrace span begin: it "
          "is cut short\n");
    CHECK(run({"span", "end", ""}).code == 2);
    const RunResult none = run({"span", "note", "a=1"});
    CHECK(none.code == 2);
    CHECK(none.out.empty());
    CHECK(has(none.err, "needs the token that xtrace span begin printed, or XTRACE_SPAN"));
    CHECK(run({"span", "begin"}).code == 2);
    const RunResult mixed = run({"span", "begin", "x", "--emit", "-"});
    CHECK(mixed.code == 2);
    CHECK(mixed.out.empty());
    CHECK(run({"span", "begin", ""}).code == 2);
  }

  TEST_CASE("--export prints commands, and XTRACE_SPAN stands for the token") {
    FakeDaemon daemon;
    const std::string begun =
        word(run({"span", "begin", "x", "--export", "--trace-header", "Root=" + kRoot + ";K=it's"},
                 to(daemon)));
    const auto document = daemon.next_document();
    const std::string id = document.at("id");
    CHECK(has(begun, "export XTRACE_SPAN='span1." + kRoot + "." + id + "."));
    CHECK(has(begun, "export _X_AMZN_TRACE_ID='Root=" + kRoot + ";Parent=" + id +
                         ";Sampled=1;K=it'\\''s'; "));
    CHECK(has(begun, "export TRACEPARENT='00-58406520a006649127e371903a2de979-" + id + "-01'; "));

    const std::string token =
        word(run({"span", "begin", "y", "--parent", begun.substr(20, begun.find('\'', 20) - 20)},
                 to(daemon)));
    daemon.next();
    const Variables kept = to(daemon, {{"XTRACE_SPAN", token}});
    CHECK(word(run({"span", "note", "--export", "a=1"}, kept)).starts_with("export XTRACE_SPAN='"));
    const std::string ended = word(run({"span", "end", "--export"}, kept));
    CHECK(ended.starts_with("unset XTRACE_SPAN; export _X_AMZN_TRACE_ID='Root=" + kRoot +
                            ";Parent=" + id));
    CHECK(daemon.next_document().at("parent_id") == id);
  }
}

}  // namespace verb_span_test
