#include "cli/config_file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/scratch.h"

namespace config_file_test {

using namespace xtrace;
using namespace xtrace::cli;
using xtrace::testing::Scratch;
using Kind = ConfigFile::Kind;
using State = ConfigFile::State;

namespace {

std::vector<ConfigLine> parsed(std::string_view text) {
  auto lines = parse_config(text, "f");
  if (const auto* error = lines.if_error()) FAIL(error->message);
  return std::move(lines).value();
}

std::string refusal(std::string_view text) {
  const auto lines = parse_config(text, "/p/.xtracerc");
  return lines ? std::string() : lines.error().message;
}

ConfigFile read(Kind kind, const std::string& path) {
  auto file = read_config_file(kind, path);
  if (const auto* error = file.if_error()) FAIL(error->message);
  return std::move(file).value();
}

}  // namespace

TEST_SUITE("cli/config_file") {
  TEST_CASE("a line is a name and its value, blanks around them do not count") {
    const auto lines = parsed("name = web\n  max-time=2  \n\nfail\r\nuser-agent =\n");
    REQUIRE(lines.size() == 4);
    CHECK(lines[0].name == "name");
    CHECK(lines[0].value == "web");
    CHECK(lines[1].name == "max-time");
    CHECK(lines[1].value == "2");
    CHECK(lines[2].name == "fail");
    CHECK_FALSE(lines[2].value);
    CHECK(lines[2].number == 4);
    CHECK(lines[3].value == "");
  }

  TEST_CASE("a value keeps everything else: equals signs, number signs, quotes inside") {
    CHECK(parsed("annotate = a=b")[0].value == "a=b");
    CHECK(parsed("header = X: #1 # no comment")[0].value == "X: #1 # no comment");
    CHECK(parsed("name = \" padded \"")[0].value == " padded ");
    CHECK(parsed("name = \"half")[0].value == "\"half");
    CHECK(parsed("name = a \"b\" c")[0].value == "a \"b\" c");
    CHECK(parsed("name = \"")[0].value == "\"");
  }

  TEST_CASE("lines after a section are its own") {
    const auto lines = parsed("fail\n[emit]\nrate = 5\n[ get ]\nfail = false\n");
    REQUIRE(lines.size() == 3);
    CHECK(lines[0].section.empty());
    CHECK(lines[1].section == "emit");
    CHECK(lines[2].section == "get");
  }

  TEST_CASE("comments, blank lines and a byte order mark say nothing") {
    CHECK(parsed("\xef\xbb\xbf# first\n\n   \t\n  # second\n").empty());
    CHECK(parsed("\xef\xbb\xbf"
                 "fail")
              .size() == 1);
    CHECK(parsed("").empty());
  }

  TEST_CASE("what is no line is refused with its place, and nothing of it is repeated") {
    const std::string shape = "a line is a flag's long name and its value: max-time = 2";
    CHECK(refusal("fail\nmax-time 2\n") == "/p/.xtracerc:2: " + shape);
    CHECK(refusal("= 2") == "/p/.xtracerc:1: " + shape);
    CHECK(refusal("Name = x") == "/p/.xtracerc:1: " + shape);
    CHECK(refusal("--max-time = 2") ==
          "/p/.xtracerc:1: flags stand here without their dashes: max-time = 2");
    for (const std::string_view section : {"[", "[]", "[get", "[ge t]", "[$(id)]"}) {
      CAPTURE(section);
      CHECK(refusal(section) == "/p/.xtracerc:1: a section is a verb in brackets: [get]");
    }
    for (const std::string_view text : {"name = a\x1b[31m", "na\x07me", "name = a\x7f"}) {
      CHECK(refusal(text) == "/p/.xtracerc:1: there is a control character in it");
    }
    CHECK(refusal(std::string_view("name = a\0b", 10)).ends_with("control character in it"));
  }

  TEST_CASE("a file that nobody named need not be there") {
    const Scratch scratch;
    CHECK(read(Kind::user, scratch.path("none")).state == State::absent);
    CHECK(read(Kind::user, scratch.write("file", "") + "/config").state == State::absent);
    const auto named = read_config_file(Kind::named, scratch.path("none"));
    REQUIRE_FALSE(named);
    CHECK(named.error().message ==
          "cannot read \"" + scratch.path("none") + "\": no such file or directory (ENOENT)");
  }

  TEST_CASE("what is no file is not read") {
    const Scratch scratch;
    const std::string folder = scratch.path("");
    CHECK(read_config_file(Kind::named, folder).error().message ==
          "cannot read \"" + folder + "\": it is no file");
    CHECK(read(Kind::project, folder).reason == "it is no file");
    const std::string pipe = scratch.path("pipe");
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    CHECK_FALSE(read_config_file(Kind::user, pipe));
    const std::string large = scratch.write("large", std::string((1 << 20) + 1, '\n'));
    CHECK(read_config_file(Kind::user, large).error().message ==
          "cannot read \"" + large + "\": it is larger than 1 MiB");
  }

  TEST_CASE("a project's file that everybody may change is ignored, one's own is not") {
    const Scratch scratch;
    const std::string path = scratch.write("config", "rubbish, never looked at\n");
    REQUIRE(chmod(path.c_str(), 0666) == 0);
    const ConfigFile file = read(Kind::project, path);
    CHECK(file.state == State::ignored);
    CHECK(file.reason == "everybody may change it");
    CHECK(file.lines.empty());
    CHECK_FALSE(read_config_file(Kind::user, path));
    REQUIRE(chmod(path.c_str(), 0600) == 0);
    CHECK_FALSE(read_config_file(Kind::project, path));
    scratch.write("config", "fail\n");
    CHECK(read(Kind::project, path).lines.size() == 1);
  }

  TEST_CASE("the nearest project's file is found, as far as the home directory") {
    const Scratch scratch;
    const std::string home = scratch.path("home");
    const std::string work = home + "/work";
    const std::string deep = work + "/a/b";
    for (const std::string& folder : {home, work, work + "/a", deep}) {
      REQUIRE(mkdir(folder.c_str(), 0700) == 0);
    }
    const std::string above = scratch.write(".xtracerc", "");
    CHECK(find_project_file(deep, home).empty());
    CHECK(find_project_file(deep, home + "/").empty());
    CHECK(find_project_file(deep, "/elsewhere") == above);
    CHECK(find_project_file(deep, "") == above);
    const std::string own = scratch.write("home/.xtracerc", "");
    CHECK(find_project_file(deep, home) == own);
    const std::string near = scratch.write("home/work/.xtracerc", "");
    CHECK(find_project_file(deep, home) == near);
    CHECK(find_project_file(work, home) == near);
    CHECK(find_project_file("", home).empty());
    CHECK(find_project_file("relative", home).empty());
  }
}

}  // namespace config_file_test
