#include "cli/configuration.h"

#include <algorithm>
#include <array>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "cli/options.h"
#include "cli/request_verbs.h"
#include "cli/verbs.h"
#include "command_line.h"
#include "support/scratch.h"

namespace configuration_test {

using namespace xtrace;
using namespace xtrace::cli;
using xtrace::testing::Scratch;
using Kind = ConfigFile::Kind;

namespace {

/// A home with a project in it, and an environment that knows no more.
struct Desk {
  Scratch scratch;
  std::map<std::string, std::string> variables{{"XDG_CONFIG_HOME", scratch.path("own")}};
  Process process;

  Desk() {
    REQUIRE(mkdir(scratch.path("own").c_str(), 0700) == 0);
    REQUIRE(mkdir(scratch.path("own/xtrace").c_str(), 0700) == 0);
    REQUIRE(mkdir(scratch.path("project").c_str(), 0700) == 0);
    process.directory = scratch.path("project");
  }

  std::string own(std::string_view text) { return scratch.write("own/xtrace/config", text); }
  std::string project(std::string_view text) { return scratch.write("project/.xtracerc", text); }

  Expected<GetOptions> get(std::initializer_list<std::string_view> words) {
    process.environment = xtrace::testing::environment(variables);
    auto flags = parse_flags(*find_request_verb("get"), std::span(words.begin(), words.size()));
    if (const auto* error = flags.if_error()) return *error;
    const auto added = add_configuration(*flags, process);
    if (const auto* error = added.if_error()) return *error;
    return to_get_options(*flags);
  }

  GetOptions options(std::initializer_list<std::string_view> words) {
    auto options = get(words);
    if (const auto* error = options.if_error()) FAIL(error->message);
    return std::move(options).value();
  }

  std::string refusal(std::initializer_list<std::string_view> words = {"u"}) {
    auto options = get(words);
    return options ? std::string() : options.error().message;
  }
};

}  // namespace

TEST_SUITE("cli/configuration") {
  TEST_CASE("flags win over the project's file, that over one's own, that over the defaults") {
    Desk desk;
    CHECK_FALSE(desk.options({"u"}).trace.name);
    desk.own("name = mine\nmax-time = 3\nformat = json\n");
    CHECK(desk.options({"u"}).trace.name == "mine");
    desk.project("name = ours\nmax-time = 2\n");
    CHECK(desk.options({"u"}).trace.name == "ours");
    const GetOptions typed = desk.options({"--name", "typed", "u"});
    CHECK(typed.trace.name == "typed");
    CHECK(typed.client.timeouts.total == std::chrono::seconds(2));
    CHECK(typed.output.format == Format::json);
  }

  TEST_CASE("a variable of the environment wins over files and not over flags") {
    Desk desk;
    desk.own("emit = udp://127.0.0.1:1\ncolor = always\ncacert = /mine.pem\n");
    desk.variables["AWS_XRAY_DAEMON_ADDRESS"] = "127.0.0.1:2";
    desk.variables["NO_COLOR"] = "1";
    desk.variables["SSL_CERT_FILE"] = "/theirs.pem";
    const GetOptions options = desk.options({"u"});
    CHECK(options.trace.emit.kind == EmitTarget::Kind::environment);
    CHECK(options.output.color == ColorChoice::automatic);
    CHECK(options.client.tls.ca_file.empty());
    CHECK(desk.options({"--emit", "none", "u"}).trace.emit.kind == EmitTarget::Kind::none);
    desk.variables["AWS_XRAY_DAEMON_ADDRESS"] = "";
    CHECK(desk.options({"u"}).trace.emit.kind == EmitTarget::Kind::udp);
  }

  TEST_CASE("annotations of files and flags add up") {
    Desk desk;
    desk.own("annotate = a=1\n");
    desk.project("annotate = b=2\n");
    const auto annotations = desk.options({"-a", "c=3", "u"}).trace.annotations;
    REQUIRE(annotations.size() == 3);
    CHECK(annotations[0].key == "a");
    CHECK(annotations[2].key == "c");
  }

  TEST_CASE("a verb reads what is for all, its own section, and no other's") {
    Desk desk;
    desk.own("fail\n[get]\nname = got\n[emit]\nstrict\n[exec]\nname = run\n");
    const GetOptions options = desk.options({"u"});
    CHECK(options.fails_on_status);
    CHECK(options.trace.name == "got");
  }

  TEST_CASE("the section of get is that of its sisters") {
    Desk desk;
    desk.own("[get]\nname = got\n");
    desk.process.environment = xtrace::testing::environment(desk.variables);
    const std::array<std::string_view, 1> words = {"u"};
    auto flags = parse_flags(*find_request_verb("post"), words);
    REQUIRE(flags);
    REQUIRE(add_configuration(*flags, desk.process));
    CHECK(flags->value("name") == "got");
  }

  TEST_CASE("--config names the only file, or none; XTRACE_CONFIG where it says nothing") {
    Desk desk;
    desk.own("name = mine\n");
    desk.project("name = ours\n");
    const std::string other = desk.scratch.write("other", "name = other\ninsecure\n");
    CHECK(desk.options({"--config", other, "u"}).trace.name == "other");
    CHECK(desk.options({"--config", other, "u"}).client.tls.accept_any_certificate);
    CHECK_FALSE(desk.options({"-Knone", "u"}).trace.name);
    desk.variables["XTRACE_CONFIG"] = "none";
    CHECK_FALSE(desk.options({"u"}).trace.name);
    CHECK(desk.options({"--config", other, "u"}).trace.name == "other");
    desk.variables["XTRACE_CONFIG"] = other;
    CHECK(desk.options({"u"}).trace.name == "other");
    desk.variables["XTRACE_CONFIG"] = "";
    CHECK(desk.options({"u"}).trace.name == "ours");
  }

  TEST_CASE("where no directory is given and no home is set, nothing is read") {
    Desk desk;
    desk.own("rubbish\n");
    desk.project("rubbish\n");
    desk.process.directory.clear();
    desk.variables.clear();
    CHECK(desk.refusal().empty());
  }

  TEST_CASE("XDG_CONFIG_HOME is honoured where it is absolute, HOME otherwise") {
    Desk desk;
    desk.own("name = xdg\n");
    CHECK(desk.options({"u"}).trace.name == "xdg");
    REQUIRE(rename(desk.scratch.path("own").c_str(), desk.scratch.path(".config").c_str()) == 0);
    desk.variables = {{"HOME", desk.scratch.path("")}, {"XDG_CONFIG_HOME", "own"}};
    CHECK(desk.options({"u"}).trace.name == "xdg");
  }

  TEST_CASE("a project's file can set nothing that reads, writes, runs or leads away") {
    for (const Verb& verb : verb_table()) {
      for (const FlagRow& row : verb.syntax->flags) {
        if (row.files == FileUse::never || row.files == FileUse::user) continue;
        CAPTURE(verb.syntax->name);
        CAPTURE(row.name);
        constexpr auto kDangerous = std::to_array<std::string_view>(
            {"header", "data", "data-binary", "json", "user", "resolve", "connect-to",
             "unix-socket", "insecure", "cacert", "cert", "key", "sni", "output", "no-redact",
             "config", "trace-header"});
        CHECK(std::ranges::find(kDangerous, row.name) == kDangerous.end());
        CHECK((row.argument.find("FILE") == std::string_view::npos));
        const bool is_format = row.argument == "FORMAT";
        const bool is_target = !is_format && (row.name == "emit" || row.name == "to");
        CHECK((!is_target || row.files == FileUse::project_local));
      }
    }
  }

  TEST_CASE("what a project's file may not set is refused with a way out") {
    Desk desk;
    const std::string path = desk.project("fail\ninsecure\n");
    CHECK(desk.refusal() ==
          path + ":2: a project's file may not set insecure; flags and your own file may");
    CHECK(desk.refusal({"--config", "none", "u"}).empty());
    CHECK(desk.refusal({"--config", path, "u"}).empty());
  }

  TEST_CASE("a project sends its traces to this machine only") {
    Desk desk;
    for (const std::string_view here : {"none", "udp://127.0.0.1:2000", "udp://localhost:1",
                                        "tcp://[::1]:2000", "udp://127.9.9.9:1"}) {
      CAPTURE(here);
      desk.project("emit = " + std::string(here) + "\n");
      CHECK(desk.refusal().empty());
    }
    for (const std::string_view away :
         {"udp://10.0.0.1:2000", "udp://127.0.0.1.example.com:2000", "udp://example.com:1",
          "file:/home/me/.bashrc", "-", "rubbish", "udp://128.0.0.1:2000"}) {
      CAPTURE(away);
      desk.project("emit = " + std::string(away) + "\n");
      CHECK(desk.refusal().find(":1: emit in a project's file is none or a daemon on this") !=
            std::string::npos);
    }
  }

  TEST_CASE("a mistake names its line and helps on") {
    Desk desk;
    const std::string path = desk.own("");
    const auto refusal_of = [&desk, &path](std::string_view text) {
      desk.own(text);
      const std::string message = desk.refusal();
      return message.starts_with(path + ":") ? message.substr(path.size() + 1) : message;
    };
    CHECK(refusal_of("\nformt = json") == "2: no verb knows a flag formt; did you mean format?");
    CHECK(refusal_of("[get]\nformt = json") ==
          "2: the verb get knows no flag formt; did you mean format?");
    CHECK(refusal_of("[gte]\nformat = json") == "2: there is no verb gte");
    CHECK(refusal_of("data = x") == "1: data is for the command line, not for a file");
    CHECK(refusal_of("[get]\nhelp") == "2: help is for the command line, not for a file");
    CHECK(refusal_of("name") == "1: name needs a value: name = SERVICE");
    CHECK(refusal_of("fail = maybe") == "1: fail takes no value but true or false");
    CHECK(refusal_of("max-time = soon").starts_with("1: max-time: "));
    CHECK(refusal_of("ipv4\nname = x\nipv6").empty());
  }

  TEST_CASE("a contradiction with a file says which file has a say in it") {
    Desk desk;
    const std::string path = desk.own("require-emit\n");
    CHECK(desk.refusal({"--emit", "none", "u"}) ==
          "xtrace get takes --emit none or --require-emit, not both (" + path +
              ":1 has a say; --config none leaves it out)");
    desk.own("ipv4\n");
    CHECK(desk.options({"-6", "u"}).client.family == AddressFamily::ipv6_only);
  }
}

}  // namespace configuration_test
