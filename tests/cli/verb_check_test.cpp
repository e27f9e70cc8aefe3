#include "cli/verb_check.h"

#include <algorithm>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "get_run.h"
#include "scripted_host.h"
#include "support/scratch.h"

namespace verb_check_test {

using xtrace::testing::FakeDaemon;
using xtrace::testing::run;
using xtrace::testing::RunResult;
using xtrace::testing::Scratch;
using xtrace::testing::ScriptedHost;
using xtrace::testing::ScriptedServer;

namespace {

using Variables = std::map<std::string, std::string>;

constexpr std::string_view kRule =
    R"({"SamplingRule":{"RuleName":"Default","ResourceARN":"*","Priority":10000,"FixedRate":0.05,)"
    R"("ReservoirSize":1,"ServiceName":"*","ServiceType":"*","Host":"*","HTTPMethod":"*",)"
    R"("URLPath":"*","Version":1,"Attributes":{}}})";

std::string answer(std::string_view status, std::string_view body) {
  std::string text = "HTTP/1.1 ";
  text.append(status).append("\r\nContent-Length: ").append(std::to_string(body.size()));
  return text.append("\r\n\r\n").append(body);
}

std::function<void(ScriptedServer&)> answering(std::string text) {
  return [text = std::move(text)](ScriptedServer& server) {
    server.on_connection().expect_head().expect("}").send(text).close();
  };
}

/// Both sides of a daemon, each on its port.
Variables daemon_at(const FakeDaemon& udp, const ScriptedHost& tcp) {
  const std::string address = tcp.url("").substr(std::string_view("http://").size());
  return {{"AWS_XRAY_DAEMON_ADDRESS", "udp:" + udp.address() + " tcp:" + address}};
}

nlohmann::json json_of(const RunResult& result) {
  auto json = nlohmann::json::parse(result.out, nullptr, false);
  REQUIRE(json.is_object());
  return json;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// The settings of that name, in order.
std::vector<nlohmann::json> settings_of(const nlohmann::json& report, std::string_view name) {
  std::vector<nlohmann::json> found;
  for (const auto& setting : report["settings"]) {
    if (setting["name"] == name) found.push_back(setting);
  }
  return found;
}

}  // namespace

TEST_SUITE("cli/verb_check") {
  TEST_CASE("a daemon that takes datagrams and has rules is there") {
    const FakeDaemon udp;
    const ScriptedHost tcp(
        answering(answer("200 OK", "{\"SamplingRuleRecords\":[" + std::string(kRule) + "]}")));
    const RunResult result = run({"check", "--format", "json"}, daemon_at(udp, tcp));
    CHECK(result.code == 0);
    CHECK(result.err.empty());
    const auto daemon = json_of(result)["daemon"];
    CHECK(daemon["origin"] == "AWS_XRAY_DAEMON_ADDRESS");
    CHECK(daemon["udp"]["state"] == "listening");
    CHECK(daemon["udp"]["address"] == udp.address());
    CHECK(daemon["udp"]["buffer"]["drops"] == 0);
    CHECK(daemon["tcp"]["state"] == "answers");
    CHECK(daemon["tcp"]["rules"] == 1);
    CHECK(daemon["tcp"]["took_us"] > 0);
  }

  TEST_CASE("rules are counted over all pages") {
    const FakeDaemon udp;
    const std::string rules = "{\"SamplingRuleRecords\":[" + std::string(kRule) + "]";
    const ScriptedHost tcp([&rules](ScriptedServer& server) {
      answering(answer("200 OK", rules + ",\"NextToken\":\"n\"}"))(server);
      answering(answer("200 OK", rules + "}"))(server);
    });
    const auto report = json_of(run({"check", "--format=json"}, daemon_at(udp, tcp)));
    CHECK(report["daemon"]["tcp"]["rules"] == 2);
  }

  TEST_CASE("where nobody listens the exit code is 69") {
    FakeDaemon gone;
    gone.leave();
    const RunResult result = run({"check"}, {{"AWS_XRAY_DAEMON_ADDRESS", gone.address()}});
    CHECK(result.code == 69);
    CHECK(result.err.empty());
    CHECK(has(result.out, "X-Ray daemon at " + gone.address() + " (AWS_XRAY_DAEMON_ADDRESS)"));
    CHECK(has(result.out, "  no  udp  nobody listens\n"));
    CHECK(has(result.out, "  no  tcp  nobody listens\n"));
    CHECK(has(result.out, "No daemon is there"));
    CHECK_FALSE(has(result.out, "Settings"));
  }

  TEST_CASE("a daemon without credentials is there, and the reason is explained") {
    const FakeDaemon udp;
    const ScriptedHost tcp(answering(
        answer("403 Forbidden",
               R"({"message":"The security token included in the request is invalid."})")));
    const RunResult result = run({"check"}, daemon_at(udp, tcp));
    CHECK(result.code == 0);
    CHECK(has(result.out, "status 403"));
    CHECK(has(result.out, "the daemon has no AWS credentials"));
    CHECK(has(result.out, "Segments arrive at the daemon; sampling rules do not come back."));
  }

  TEST_CASE("something else on the port is told apart") {
    FakeDaemon gone;
    gone.leave();
    const ScriptedHost tcp(answering("SSH-2.0-OpenSSH_9.2\r\n\r\n"));
    const RunResult result = run({"check"}, daemon_at(gone, tcp));
    CHECK(result.code == 69);
    CHECK(has(result.out, "something else than an X-Ray daemon has this port"));
  }

  TEST_CASE("--emit chooses the daemon, and TCP alone where it says so") {
    const FakeDaemon udp;
    FakeDaemon gone;
    gone.leave();
    const RunResult by_flag = run({"check", "--emit", "udp://" + udp.address()},
                                  {{"AWS_XRAY_DAEMON_ADDRESS", gone.address()}});
    CHECK(by_flag.code == 0);
    CHECK(has(by_flag.out, udp.address() + " (--emit)"));
    const ScriptedHost tcp(answering(answer("200 OK", "{\"SamplingRuleRecords\":[]}")));
    const std::string tcp_url = "tcp" + tcp.url("").substr(4);
    CHECK(run({"check", "--emit", tcp_url}).code == 0);
    CHECK(run({"check", "--emit", "tcp://" + udp.address()}).code == 69);
  }

  TEST_CASE("documents that go elsewhere are said to") {
    const RunResult result = run({"check", "--emit", "file:/tmp/x.jsonl"});
    CHECK(has(result.out, "Segments do not go there: emit is file:/tmp/x.jsonl"));
    CHECK(json_of(run({"check", "--format=json", "--emit=none"}))["other_sink"] == "none");
  }

  TEST_CASE("what is wrong with a setting is said in one sentence, with exit code 2") {
    const auto sentence = [](std::initializer_list<std::string_view> words, Variables variables) {
      const RunResult result = run(words, std::move(variables));
      CHECK(result.code == 2);
      CHECK(result.out.empty());
      CHECK(std::ranges::count(result.err, '\n') == 1);
      return result.err;
    };
    CHECK(sentence({"check"}, {{"AWS_XRAY_DAEMON_ADDRESS", "nonsense"}})
              .starts_with("AWS_XRAY_DAEMON_ADDRESS: "));
    CHECK(sentence({"check", "--emit", "nonsense"}, {}).starts_with("xtrace check --emit: "));
    CHECK(sentence({"check", "--format", "xml"}, {}) ==
          "xtrace check --format: \"xml\" is not one of text or json\n");
    CHECK(sentence({"check", "http://h/"}, {}) ==
          "xtrace check takes flags only, and no other word\n");
  }

  TEST_CASE("a value in a file that get would refuse is found before get runs") {
    const Scratch scratch;
    const std::string path = scratch.write("config", "name = web\nmax-time = soon\n");
    const RunResult result = run({"check", "--config", path});
    CHECK(result.code == 2);
    CHECK(result.err.starts_with(path + ":2: max-time: "));
    const std::string alone = scratch.write("config", "key = /k.pem\n");
    CHECK(run({"check", "--config", alone}).code != 2);
  }

  TEST_CASE("--config shows what every setting comes from") {
    const Scratch scratch;
    const std::string path =
        scratch.write("config",
                      "name = mine\nuser = me:secret\nannotate = a=1\nannotate = b=2\n"
                      "fail\nfail = false\n[emit]\nstrict\n");
    const Variables variables = {{"AWS_XRAY_TRACING_NAME", "theirs"}, {"NO_COLOR", "1"}};
    const RunResult text = run({"check", "--config", path}, variables);
    CHECK(has(text.out, "Settings\n  emit "));
    CHECK(has(text.out, path));
    CHECK_FALSE(has(text.out, "secret"));

    const auto report = json_of(run({"check", "--config", path, "--format=json"}, variables));
    const auto names = settings_of(report, "name");
    REQUIRE(names.size() == 2);
    CHECK(names[0]["value"] == "theirs");
    CHECK(names[0]["origin"] == "AWS_XRAY_TRACING_NAME");
    CHECK(names[1]["origin"] == path + ":1");
    CHECK(names[1]["overridden_by"] == "AWS_XRAY_TRACING_NAME");
    CHECK(settings_of(report, "user").at(0)["value"] == "***");
    CHECK(settings_of(report, "annotate").size() == 2);
    CHECK(settings_of(report, "annotate").at(0)["overridden_by"].is_null());
    CHECK(settings_of(report, "fail").at(0)["overridden_by"] == path + ":6");
    CHECK(settings_of(report, "fail").at(1)["value"] == "false");
    CHECK(settings_of(report, "strict").at(0)["section"] == "emit");
    CHECK(settings_of(report, "color").at(0)["value"] == "never");
    CHECK(settings_of(report, "emit").at(0)["origin"] == "default");
    CHECK(report["files"].at(0)["path"] == path);
  }

  TEST_CASE("no configuration is shown as such") {
    const RunResult result = run({"check", "--config=none"});
    CHECK(has(result.out, "Files, the last one wins\n  none is read\n"));
    CHECK(has(run({"check", "--config"}).out, "Settings"));
  }
}

}  // namespace verb_check_test
