#include "cli/verb_emit.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "cli/verbs.h"
#include "command_line.h"
#include "get_run.h"
#include "support/scratch.h"

namespace verb_emit_test {

using namespace xtrace;
using namespace xtrace::testing;

namespace {

constexpr std::string_view kHeader = "{\"format\":\"json\",\"version\":1}\n";

std::string document(std::string_view id, std::string_view members = "") {
  return R"({"name": "orders","id":")" + std::string(id) +
         R"(","trace_id":"1-65a0b1c2-0123456789abcdef01234567","start_time":1,"end_time":2)" +
         std::string(members) + "}";
}

const std::string kFirst = document("00000000000000a1");
const std::string kSecond = document("00000000000000b2");
const std::string kBad = document("00000000000000b");

/// Runs `emit` with a daemon in the environment.
RunResult emit(const FakeDaemon& daemon, std::string_view input,
               std::initializer_list<std::string_view> flags = {}) {
  Scratch scratch;
  cli::Process process;
  process.in = scratch.descriptor("in", input);
  process.out = scratch.descriptor("out");
  process.err = scratch.descriptor("err");
  process.environment = environment({{"AWS_XRAY_DAEMON_ADDRESS", daemon.address()}});
  std::vector<std::string_view> words{"emit"};
  words.insert(words.end(), flags.begin(), flags.end());
  const int code = cli::run_command_line(words, process);
  return {code, scratch.read("out"), scratch.read("err")};
}

std::string summary(const FakeDaemon& daemon, std::string_view counts) {
  return std::string(counts) + " -> " + daemon.address() + "\n";
}

}  // namespace

TEST_SUITE("cli/verb_emit") {
  TEST_CASE("emit sends every document as the bytes it was written with") {
    FakeDaemon daemon;
    const std::string spread = "{\n" + document("00000000000000c3").substr(1);
    const RunResult result = emit(daemon, kFirst + "\n" + spread + kSecond);
    CHECK(result.code == 0);
    CHECK(result.out.empty());
    CHECK(result.err == summary(daemon, "sent 3, split 0, refused 0"));
    CHECK(daemon.next() == std::string(kHeader) + kFirst);
    CHECK(daemon.next() == std::string(kHeader) + spread);
    CHECK(daemon.next() == std::string(kHeader) + kSecond);
    CHECK(daemon.next().empty());
  }

  TEST_CASE("a document that is refused is told with its line and makes 65, the rest is sent") {
    FakeDaemon daemon;
    const RunResult result = emit(daemon, kFirst + "\n" + kBad + "\n" + kSecond + "\n");
    CHECK(result.code == 65);
    CHECK(result.err ==
          "xtrace: line 2: field \"id\": \"00000000000000b\": 15 hex digits instead "
          "of 16 (InvalidSegment)\n" +
              summary(daemon, "sent 2, split 0, refused 1"));
    CHECK(daemon.next_document().at("id") == "00000000000000a1");
    CHECK(daemon.next_document().at("id") == "00000000000000b2");
  }

  TEST_CASE("twenty refusals are told in full and the others are counted") {
    FakeDaemon daemon;
    std::string input;
    for (int i = 0; i < 25; ++i) input += kBad + "\n";
    const RunResult result = emit(daemon, input, {"-s"});
    CHECK(result.code == 65);
    CHECK(result.err.find("line 20: ") != std::string::npos);
    CHECK(result.err.find("line 21: ") == std::string::npos);
    CHECK(result.err.ends_with("xtrace: and 5 more refused\n"));
  }

  TEST_CASE("files are read in their order, are named in messages, and one may be missing") {
    FakeDaemon daemon;
    Scratch scratch;
    const std::string first = scratch.write("first.json", kFirst);
    const std::string second = scratch.write("second.json", "\n" + kBad);
    const std::string missing = first + ".none";
    const std::string folder = std::filesystem::path(first).parent_path();
    const RunResult result = emit(daemon, kSecond, {second, missing, folder, first, "-"});
    CHECK(result.code == 2);
    CHECK(result.err ==
          "xtrace: " + second + ": line 2: field \"id\": \"00000000000000b\": 15 hex digits " +
              "instead of 16 (InvalidSegment)\n" + "xtrace: cannot read " + missing +
              ": no such file or directory (ENOENT)\n" + "xtrace: cannot read " + folder +
              ": is a directory (EISDIR)\n" + summary(daemon, "sent 2, split 0, refused 1"));
    CHECK(daemon.next_document().at("id") == "00000000000000a1");
    CHECK(daemon.next_document().at("id") == "00000000000000b2");
  }

  TEST_CASE("an empty input is no failure and is told") {
    FakeDaemon daemon;
    const RunResult result = emit(daemon, "\n");
    CHECK(result.code == 0);
    CHECK(result.err ==
          "xtrace: stdin holds no document\n" + summary(daemon, "sent 0, split 0, refused 0"));
    CHECK(emit(daemon, "", {"--silent"}).err.empty());
  }

  TEST_CASE("nobody listening is always told, and makes 69 where arrival is required") {
    FakeDaemon daemon;
    daemon.leave();
    const RunResult result = emit(daemon, kFirst + kSecond);
    CHECK(result.code == 0);
    CHECK(result.err == "xtrace: nobody listens at " + daemon.address() +
                            "; 2 documents were not sent\n" +
                            summary(daemon, "sent 0, split 0, refused 0, lost 2"));
    CHECK(emit(daemon, kFirst, {"-s", "--require-emit"}).code == 69);
    CHECK(emit(daemon, kFirst, {"-s"}).err ==
          "xtrace: nobody listens at " + daemon.address() + "; 1 document was not sent\n");
    CHECK(emit(daemon, kFirst + kBad, {"-s", "--require-emit"}).code == 65);
  }

  TEST_CASE("where nobody listens the rest of a long input is not read") {
    FakeDaemon daemon;
    daemon.leave();
    std::string input;
    for (int i = 0; i < 1000; ++i) input += kFirst + "\n";
    const RunResult result = emit(daemon, input + kBad, {"--silent"});
    CHECK(result.code == 0);
    CHECK(result.err == "xtrace: nobody listens at " + daemon.address() +
                            "; 64 documents were not sent, the rest was not read\n");
  }

  TEST_CASE("a dry run checks, sends nothing, and needs no daemon") {
    FakeDaemon daemon;
    const RunResult result = emit(daemon, kFirst + kBad, {"--dry-run"});
    CHECK(result.code == 65);
    CHECK(result.err.ends_with(summary(daemon, "would send 1, split 0, refused 1")));
    CHECK(daemon.next().empty());
    daemon.leave();
    CHECK(emit(daemon, kFirst, {"--dry-run", "--require-emit"}).code == 0);
    CHECK(emit(daemon, kFirst, {"--to", "none"}).err == "would send 1, split 0, refused 0\n");
  }

  TEST_CASE("strict rules are asked for") {
    FakeDaemon daemon;
    const std::string doubtful = document("00000000000000a1", R"(,"namespace":"local")");
    CHECK(emit(daemon, doubtful).code == 0);
    const RunResult result = emit(daemon, doubtful, {"--strict"});
    CHECK(result.code == 65);
    CHECK(result.err.starts_with(
        "xtrace: line 1: field \"namespace\": it is neither \"aws\" nor \"remote\"\n"));
  }

  TEST_CASE("a document's own words do not steer the terminal") {
    FakeDaemon daemon;
    const std::string hostile = R"(,"annotations":{"a\u001b[2J\n\u202e":1})";
    const RunResult result = emit(daemon, document("00000000000000a1", hostile), {"--strict"});
    CHECK(result.err.starts_with("xtrace: line 1: field \"annotations.a\\x1b[2J\\n\\u{202e}\": "));
  }

  TEST_CASE("documents are mended and stamped with ids and times of now") {
    FakeDaemon daemon;
    const std::string child =
        document("00000000000000c3", R"(,"type":"subsegment","parent_id":"00000000000000b")");
    CHECK(emit(daemon, kBad + child, {"--fix", "--now"}).code == 0);
    const auto first = daemon.next_document();
    const auto second = daemon.next_document();
    CHECK(first.at("id").get<std::string>().size() == 16);
    CHECK(second.at("parent_id") == first.at("id"));
    CHECK(second.at("id") != "00000000000000c3");
    CHECK(second.at("trace_id") == first.at("trace_id"));
    CHECK(first.at("start_time").get<double>() > 1.7e9);
    CHECK(second.at("start_time") == first.at("start_time"));
  }

  TEST_CASE("a document that is too large is split, then cut, then refused") {
    FakeDaemon daemon;
    const auto metadata = [](std::size_t bytes) {
      return R"(,"metadata":{"d":{"x":")" + std::string(bytes, 'x') + "\"}}";
    };
    const std::string child = R"({"name":"b","id":"00000000000000c3","start_time":1,"end_time":2)";
    const std::string split =
        document("00000000000000a1",
                 metadata(40'000) + R"(,"subsegments":[)" + child + metadata(40'000) + "}]");
    const std::string cut = document("00000000000000b2", metadata(70'000));
    std::string hopeless = R"(,"metadata":{"d":[0)";
    for (int i = 0; i < 40'000; ++i) hopeless += ",1";
    const RunResult result = emit(
        daemon, split + "\n" + cut + "\n" + document("00000000000000d4", hopeless + "]}") + "\n");
    CHECK(result.code == 65);
    CHECK(result.err.starts_with("xtrace: line 3: \"orders\" takes 80"));
    CHECK(result.err.ends_with(summary(daemon, "sent 3, split 1, cut 1, refused 1")));
    const auto lone = daemon.next_document();
    CHECK(lone.at("parent_id") == "00000000000000a1");
    CHECK(lone.at("type") == "subsegment");
    CHECK(daemon.next_document().at("id") == "00000000000000a1");
    const std::string kept = daemon.next_document().at("metadata").at("d").at("x");
    CHECK(kept.ends_with("... [70000 bytes, cut]"));
  }

  TEST_CASE("a file and stdout get one document a line") {
    FakeDaemon daemon;
    Scratch scratch;
    const std::string path = scratch.write("out.jsonl", "kept\n");
    const std::string spread = "{\r\n" + kFirst.substr(1);
    const RunResult result = emit(daemon, spread + kSecond, {"--to", "file:" + path});
    CHECK(result.code == 0);
    CHECK(result.err == "sent 2, split 0, refused 0 -> file:" + path + "\n");
    const std::string lines = "{  " + kFirst.substr(1) + "\n" + kSecond + "\n";
    CHECK(scratch.read("out.jsonl") == "kept\n" + lines);
    CHECK(emit(daemon, spread + kSecond, {"--to", "-"}).out == lines);
    CHECK(emit(daemon, kFirst, {"--to", "file:/no/such/folder/x"}).code == 23);
    CHECK(daemon.next().empty());
  }

  TEST_CASE("flags that make no sense are refused in a sentence") {
    FakeDaemon daemon;
    for (const char* rate : {"0", "-1", "x", "1/h", "1e3", "inf", "1/"}) {
      CAPTURE(rate);
      const RunResult result = emit(daemon, "", {"--rate", rate});
      CHECK(result.code == 2);
      CHECK(result.err == "xtrace emit --rate: it is not a number such as 100, 100/s or 600/m\n");
    }
    CHECK(emit(daemon, "", {"--to", "pigeon:loft"}).code == 2);
    CHECK(emit(daemon, "", {"--to", "tcp://nowhere"}).code == 2);
    CHECK(emit(daemon, "", {"--weird"}).code == 2);
  }

  TEST_CASE("a rate spreads the documents over time") {
    FakeDaemon daemon;
    const Tick begin = now().tick;
    CHECK(emit(daemon, kFirst + kSecond + kFirst, {"--rate", "100/s"}).code == 0);
    CHECK(now().tick - begin >= std::chrono::milliseconds(20));
    CHECK(emit(daemon, kFirst + kSecond, {"--rate", "600000/m"}).code == 0);
  }
}

}  // namespace verb_emit_test
