#include "cli/help.h"

#include <sstream>

#include <doctest/doctest.h>

#include "cli/option_table.h"
#include "cli/verbs.h"

using namespace xtrace::cli;

TEST_SUITE("cli/help") {
  TEST_CASE("no line of a help text is wider than 80 columns or ends in a space") {
    for (const std::string& help : {short_help(), whole_help()}) {
      std::istringstream lines(help);
      std::string line;
      while (std::getline(lines, line)) {
        CAPTURE(line);
        CHECK(line.size() <= 80);
        CHECK_FALSE(line.ends_with(' '));
      }
    }
  }

  TEST_CASE("the whole help names every flag and verb, the short one the marked flags") {
    const std::string whole = whole_help();
    const std::string brief = short_help();
    for (const OptionRow& row : option_table()) {
      if (row.name.empty()) continue;
      const std::string name = "--" + std::string(row.name);
      CAPTURE(name);
      const std::string end = row.takes_value() ? " " + std::string(row.argument) : " ";
      CHECK(whole.find(name + end) != std::string::npos);
      CHECK((brief.find(name + end) != std::string::npos) == row.in_short_help);
    }
    for (const Verb& verb : verb_table()) CHECK(whole.find(verb.usage) != std::string::npos);
  }

  TEST_CASE("examples come before the flags") {
    const std::string help = short_help();
    CHECK(help.find("xtrace https://example.com") < help.find("--request"));
  }
}
