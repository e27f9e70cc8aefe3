#include <csignal>
#include <map>
#include <string>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <xtrace/trace_header.h>

#include "get_run.h"
#include "support/scratch.h"

namespace verb_exec_test {

using namespace xtrace;
using namespace xtrace::testing;

namespace {

using Variables = std::map<std::string, std::string>;

/// What a command needs to be found, and where the documents go.
Variables with(const FakeDaemon& daemon, Variables more = {}) {
  more.insert({"PATH", "/usr/bin:/bin"});
  more.insert({"AWS_XRAY_DAEMON_ADDRESS", daemon.address()});
  return more;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// The value of a variable in what `env` printed; fails where it stands there twice.
std::string variable(const std::string& printed, const std::string& name) {
  const std::string text = "\n" + printed;
  const auto at = text.find("\n" + name + "=");
  if (at == std::string::npos) return "(none)";
  CHECK(text.find("\n" + name + "=", at + 1) == std::string::npos);
  const auto begin = at + name.size() + 2;
  return text.substr(begin, text.find('\n', begin) - begin);
}

const nlohmann::json& exception_of(const nlohmann::json& document) {
  REQUIRE(document.contains("cause"));
  return document.at("cause").at("exceptions").at(0);
}

}  // namespace

TEST_SUITE("cli/verb_exec") {
  TEST_CASE("a command is a segment that is announced, then finished under the same id") {
    FakeDaemon daemon;
    const RunResult result = run(
        {"exec", "-a", "build=17", "--metadata", R"({"who":"me"})", "--", "/bin/sh", "-c", "true"},
        with(daemon));
    CHECK(result.code == 0);
    CHECK(result.out.empty());
    CHECK(result.err.empty());
    const auto begun = daemon.next_document();
    const auto ended = daemon.next_document();
    CHECK(daemon.next().empty());
    CHECK(begun.at("in_progress") == true);
    CHECK_FALSE(begun.contains("end_time"));
    CHECK_FALSE(ended.contains("in_progress"));
    for (const char* key : {"name", "id", "trace_id", "start_time", "annotations"}) {
      CHECK(begun.at(key) == ended.at(key));
    }
    CHECK(ended.at("name") == "sh");
    CHECK(ended.at("end_time") >= ended.at("start_time"));
    CHECK(ended.at("annotations").at("build") == 17);
    CHECK(ended.at("metadata").at("default").at("who") == "me");
    const auto& process = ended.at("metadata").at("process");
    CHECK(process.at("command") == "/bin/sh");
    CHECK(process.at("exit_code") == 0);
    CHECK(process.at("pid") > 0);
    CHECK(process.at("max_rss_bytes") > 0);
    CHECK(process.at("user_seconds") >= 0.0);
    CHECK(process.at("system_seconds") >= 0.0);
    CHECK_FALSE(process.contains("arguments"));
    for (const char* key : {"type", "parent_id", "fault", "cause"})
      CHECK_FALSE(ended.contains(key));
  }

  TEST_CASE("the command finds the trace in its environment and in its arguments") {
    FakeDaemon daemon;
    const Scratch scratch;
    const std::string out = scratch.path("out");
    const std::string script = "env >" + out + "; printf '%s\\n' \"$@\" >>" + out;
    const RunResult result =
        run({"exec", "--", "sh", "-c", script, "{{xray}}", "arg={{xray}},{{trace_id}}",
             "tp={{traceparent}}"},
            with(daemon, {{"_X_AMZN_TRACE_ID", "Root=1-58406520-a006649127e371903a2de979;Foo=bar"},
                          {"TRACEPARENT", "stale"},
                          {"TRACESTATE", "stale=1"},
                          {"OTHER", "stays"}}));
    CHECK(result.code == 0);
    const auto document = daemon.next_document();
    const std::string trace = "1-58406520-a006649127e371903a2de979";
    const std::string id = document.at("id");
    CHECK(document.at("trace_id") == trace);
    const std::string printed = scratch.read("out");
    const std::string header = "Root=" + trace + ";Parent=" + id + ";Sampled=1;Foo=bar";
    const std::string traceparent = "00-58406520a006649127e371903a2de979-" + id + "-01";
    CHECK(variable(printed, "_X_AMZN_TRACE_ID") == header);
    CHECK(variable(printed, "TRACEPARENT") == traceparent);
    CHECK_FALSE(has(variable(printed, "TRACESTATE"), "stale"));
    CHECK(variable(printed, "OTHER") == "stays");
    CHECK(variable(printed, "AWS_XRAY_DAEMON_ADDRESS") == daemon.address());
    CHECK(has(printed, "arg=" + header + "," + trace + "\ntp=" + traceparent + "\n"));
    CHECK_FALSE(has(printed, "{{"));
  }

  TEST_CASE("a caller's span has the command's as a subsegment of its own") {
    FakeDaemon daemon;
    const Variables caller = {
        {"_X_AMZN_TRACE_ID",
         "Root=1-58406520-a006649127e371903a2de979;Parent=53995c3f42cd8ad8;Sampled=1"}};
    CHECK(run({"exec", "--", "false"}, with(daemon, caller)).code == 1);
    for (const bool is_begun : {true, false}) {
      const auto document = daemon.next_document();
      CHECK(document.at("type") == "subsegment");
      CHECK(document.at("trace_id") == "1-58406520-a006649127e371903a2de979");
      CHECK(document.at("parent_id") == "53995c3f42cd8ad8");
      CHECK(document.at("name") == "false");
      CHECK(document.contains("in_progress") == is_begun);
      CHECK(document.contains("fault") != is_begun);
    }
    CHECK(daemon.next().empty());
  }

  TEST_CASE("--trace-header wins over _X_AMZN_TRACE_ID, and that over TRACEPARENT") {
    FakeDaemon daemon;
    Variables caller = {{"TRACEPARENT", "00-33333333a006649127e371903a2de979-53995c3f42cd8ad8-01"}};
    run({"exec", "true"}, with(daemon, caller));
    CHECK(daemon.next_document().at("trace_id") == "1-33333333-a006649127e371903a2de979");
    daemon.next();
    caller["_X_AMZN_TRACE_ID"] = "Root=1-22222222-a006649127e371903a2de979;Parent=53995c3f42cd8ad8";
    run({"exec", "true"}, with(daemon, caller));
    CHECK(daemon.next_document().at("trace_id") == "1-22222222-a006649127e371903a2de979");
    daemon.next();
    run({"exec", "--trace-header", "Root=1-11111111-a006649127e371903a2de979", "true"},
        with(daemon, caller));
    CHECK(daemon.next_document().at("trace_id") == "1-11111111-a006649127e371903a2de979");
  }

  TEST_CASE("what is not sampled runs and tells its command so, and nothing is sent") {
    FakeDaemon daemon;
    const Scratch scratch;
    const std::string script = "env >" + scratch.path("out");
    const RunResult result = run(
        {"exec", "--require-emit", "--", "sh", "-c", script},
        with(daemon, {{"_X_AMZN_TRACE_ID", "Root=1-58406520-a006649127e371903a2de979;Sampled=0"}}));
    CHECK(result.code == 0);
    CHECK(daemon.next().empty());
    CHECK(has(variable(scratch.read("out"), "_X_AMZN_TRACE_ID"), ";Sampled=0"));
    CHECK(variable(scratch.read("out"), "TRACEPARENT").ends_with("-00"));
    CHECK(run({"exec", "--sampled", "0", "true"}, with(daemon)).code == 0);
    CHECK(daemon.next().empty());
  }

  TEST_CASE("the exit code is the command's, and a failure is a fault with its cause") {
    FakeDaemon daemon;
    CHECK(run({"exec", "--", "sh", "-c", "exit 3"}, with(daemon)).code == 3);
    daemon.next();
    const auto exited = daemon.next_document();
    CHECK(exited.at("fault") == true);
    CHECK(exited.at("metadata").at("process").at("exit_code") == 3);
    CHECK(exception_of(exited).at("type") == "exit");
    CHECK(exception_of(exited).at("message") == "exited with 3");

    CHECK(run({"exec", "--", "sh", "-c", "kill -KILL $$"}, with(daemon)).code == 128 + SIGKILL);
    daemon.next();
    const auto killed = daemon.next_document();
    CHECK(killed.at("metadata").at("process").at("signal") == "SIGKILL");
    CHECK_FALSE(killed.at("metadata").at("process").contains("exit_code"));
    CHECK(exception_of(killed).at("message") == "killed by SIGKILL");
  }

  TEST_CASE("a command that runs out of time ends with 124, even where KILL was needed") {
    FakeDaemon daemon;
    CHECK(run({"exec", "--timeout", "20ms", "sleep", "60"}, with(daemon)).code == 124);
    daemon.next();
    const auto document = daemon.next_document();
    CHECK(exception_of(document).at("type") == "timeout");
    CHECK(exception_of(document).at("message") == "timed out after 20ms");
    CHECK(document.at("metadata").at("process").at("signal") == "SIGTERM");
    // TERM may come before the shell ignores it: only then is it TERM that ends the command.
    const std::string deaf = "trap '' TERM; exec sleep 60";
    CHECK(run({"exec", "--timeout", "300ms", "--kill-after", "20ms", "--", "sh", "-c", deaf},
              with(daemon))
              .code == 124);
  }

  TEST_CASE("what cannot be run is one sentence, a fault, and 127 or 126") {
    FakeDaemon daemon;
    const Scratch scratch;
    const RunResult absent = run({"exec", "--silent", "no-such-thing"}, with(daemon));
    CHECK(absent.code == 127);
    const std::string reason = "cannot run no-such-thing: no such file or directory (ENOENT)";
    CHECK(absent.err == "xtrace: " + reason + "\n");
    daemon.next();
    const auto document = daemon.next_document();
    CHECK(exception_of(document).at("message") == reason);
    CHECK(exception_of(document).at("type") == "exec");
    CHECK_FALSE(document.at("metadata").at("process").contains("pid"));

    const std::string plain = scratch.write("plain", "");
    const RunResult refused = run({"exec", plain}, with(daemon));
    CHECK(refused.code == 126);
    CHECK(refused.err == "xtrace: cannot run " + plain + ": permission denied (EACCES)\n");

    const std::string orphan = scratch.write("orphan", "#!/no/such/interpreter\n");
    REQUIRE(chmod(orphan.c_str(), 0700) == 0);
    const RunResult without = run({"exec", orphan}, with(daemon));
    CHECK(without.code == 127);
    CHECK(without.err == "xtrace: cannot run " + orphan + ": its interpreter is not there\n");
  }

  TEST_CASE("arguments are recorded where it is asked for, as they were given") {
    FakeDaemon daemon;
    CHECK(run({"exec", "--record-arguments", "true", "-n", "", "{{xray}}"}, with(daemon)).code ==
          0);
    CHECK(daemon.next_document().at("metadata").at("process").at("arguments") ==
          nlohmann::json({"-n", "", "{{xray}}"}));
  }

  TEST_CASE("whatever becomes of the documents, the exit code is the command's") {
    FakeDaemon daemon;
    const std::string address = daemon.address();
    daemon.leave();
    CHECK(run({"exec", "true"}, with(daemon)).code == 0);
    CHECK(run({"exec", "true"}, with(daemon)).err.empty());
    const RunResult strict = run({"exec", "--require-emit", "true"}, with(daemon));
    CHECK(strict.code == 69);
    CHECK(strict.err == "xtrace: nobody listens at " + address + ", the trace was not kept\n");
    CHECK(run({"exec", "--require-emit", "false"}, with(daemon)).code == 1);
    const RunResult by_tcp =
        run({"exec", "--emit", "tcp://" + address, "--require-emit", "true"}, with(daemon));
    CHECK(by_tcp.code == 69);
    CHECK(by_tcp.err == strict.err);
    CHECK(run({"exec", "--require-emit", "-s", "true"}, with(daemon)).err.empty());
    const RunResult nonsense =
        run({"exec", "false"}, {{"PATH", "/bin"}, {"AWS_XRAY_DAEMON_ADDRESS", "nonsense"}});
    CHECK(nonsense.code == 1);
    CHECK(has(nonsense.err, "AWS_XRAY_DAEMON_ADDRESS"));
    CHECK(has(nonsense.err, "the trace is not kept"));
  }

  TEST_CASE("--emit decides where the documents go, and the command's own with them") {
    FakeDaemon ours;
    FakeDaemon theirs;
    const Scratch scratch;
    const std::string script = "env >" + scratch.path("out");
    CHECK(run({"exec", "--emit", "udp://" + ours.address(), "--", "sh", "-c", script}, with(theirs))
              .code == 0);
    CHECK_FALSE(ours.next().empty());
    CHECK(theirs.next().empty());
    CHECK(variable(scratch.read("out"), "AWS_XRAY_DAEMON_ADDRESS") == ours.address());

    CHECK(run({"exec", "--emit", "file:" + scratch.path("kept"), "true"}, with(theirs)).code == 0);
    const std::string kept = scratch.read("kept");
    CHECK(has(kept.substr(0, kept.find('\n')), "\"in_progress\":true"));
    CHECK(has(kept.substr(kept.find('\n')), "\"end_time\":"));
  }

  TEST_CASE("a command line without a command, or with a question, is bad usage") {
    const RunResult none = run({"exec"});
    CHECK(none.code == 2);
    CHECK(none.err == "xtrace exec needs a command, as in xtrace exec -- make test\n");
    CHECK(run({"exec", "--"}).code == 2);
    const RunResult question = run({"exec", "--sampled", "?", "true"});
    CHECK(question.code == 2);
    CHECK(question.err == "xtrace exec --sampled: \"?\" is not one of 0 or 1\n");
    const RunResult nowhere = run({"exec", "--emit", "none", "--require-emit", "true"});
    CHECK(nowhere.code == 2);
    CHECK(nowhere.err == "xtrace exec takes --emit none or --require-emit, not both\n");
    CHECK(run({"exec", "--timeout", "soon", "true"}).code == 2);
    CHECK(run({"exec", "--trace-header", "rubbish", "true"}).code == 2);
  }
}

}  // namespace verb_exec_test
