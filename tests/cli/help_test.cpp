#include "cli/help.h"

#include <algorithm>
#include <map>
#include <sstream>

#include <doctest/doctest.h>

#include "cli/request_verbs.h"
#include "cli/verbs.h"
#include "golden.h"

namespace help_test {

using namespace xtrace::cli;
using xtrace::testing::check_golden;
using Help = ParsedFlags::Help;

namespace {

/// Every text that help can show.
std::vector<std::string> all_texts() {
  std::vector<std::string> texts = {short_help(), whole_help()};
  for (const Verb& verb : verb_table()) {
    texts.push_back(verb_help(*verb.syntax, Help::brief));
    texts.push_back(verb_help(*verb.syntax, Help::whole));
  }
  return texts;
}

/// Has a line of its own for the flag; examples do not count.
bool names(const std::string& help, const FlagRow& row) {
  const std::string value = row.is_value_optional ? " [" + std::string(row.argument) + "]"
                            : row.takes_value()   ? " " + std::string(row.argument)
                                                  : " ";
  std::string line = "\n      ";
  if (row.letter != '\0') line = std::string("\n  -") + row.letter + (row.name.empty() ? "" : ", ");
  if (!row.name.empty()) line += row.dashed();
  return help.find(line + value) != std::string::npos;
}

}  // namespace

TEST_SUITE("cli/help") {
  TEST_CASE("no line of a help text is wider than 80 columns or ends in a space") {
    for (const std::string& help : all_texts()) {
      std::istringstream lines(help);
      std::string line;
      while (std::getline(lines, line)) {
        CAPTURE(line);
        CHECK(line.size() <= 80);
        CHECK_FALSE(line.ends_with(' '));
      }
    }
  }

  TEST_CASE("the help of a verb names each of its flags, the short one the marked ones") {
    for (const Verb& verb : verb_table()) {
      const std::string whole = verb_help(*verb.syntax, Help::whole);
      const std::string brief = verb_help(*verb.syntax, Help::brief);
      for (const FlagRow& row : verb.syntax->flags) {
        CAPTURE(row.name);
        CHECK(names(whole, row));
        CHECK(names(brief, row) == row.in_short_help);
      }
      for (const FlagRow& row : shared_flags()) {
        CAPTURE(row.name);
        const bool is_shared = row.name.empty() || find_flag(*verb.syntax, row.name) == &row;
        CHECK(names(whole, row) == is_shared);
      }
    }
  }

  TEST_CASE("the whole help names every verb, and every flag of get") {
    const std::string whole = whole_help();
    for (const Verb& verb : verb_table()) {
      CAPTURE(verb.syntax->name);
      CHECK(whole.find("\n  " + std::string(verb.syntax->name)) != std::string::npos);
    }
    for (const FlagRow& row : request_verbs().front().flags) CHECK(names(whole, row));
  }

  TEST_CASE("the whole help names every variable that stands for a flag") {
    const std::string whole = whole_help();
    const std::string environment = whole.substr(whole.find("\nEnvironment\n"));
    for (const Verb& verb : verb_table()) {
      for (const FlagRow& row : verb.syntax->flags) {
        std::istringstream variables{std::string(row.variables)};
        std::string name;
        while (variables >> name) {
          CAPTURE(name);
          CHECK(environment.find(name) != std::string::npos);
        }
      }
    }
    for (const char* name : {"_X_AMZN_TRACE_ID", "TRACEPARENT", "XTRACE_SPAN"}) {
      CHECK(environment.find(name) != std::string::npos);
    }
  }

  TEST_CASE("a letter stands for the same flag in every verb that sends documents") {
    std::map<char, std::string_view> names;
    for (const Verb& verb : verb_table()) {
      if (find_flag(*verb.syntax, "require-emit") == nullptr) continue;
      for (const FlagRow& row : verb.syntax->flags) {
        if (row.letter == '\0') continue;
        CAPTURE(verb.syntax->name);
        CAPTURE(row.name);
        CHECK(names.try_emplace(row.letter, row.name).first->second == row.name);
      }
      CHECK(find_flag(*verb.syntax, 's') == find_flag(*verb.syntax, "silent"));
      REQUIRE(find_flag(*verb.syntax, "silent") != nullptr);
    }
  }

  TEST_CASE("every heading of a help stands there once") {
    for (const Verb& verb : verb_table()) {
      std::vector<std::string_view> headings;
      for (const FlagRow& row : verb.syntax->flags) {
        if (!headings.empty() && headings.back() == row.group) continue;
        CAPTURE(row.group);
        CHECK(std::ranges::find(headings, row.group) == headings.end());
        headings.push_back(row.group);
      }
    }
  }

  TEST_CASE("examples come before the flags") {
    const std::string help = short_help();
    CHECK(help.find("xtrace https://example.com") < help.find("--request"));
  }

  TEST_CASE("the help of get is as it is known") {
    check_golden("help-get.txt", verb_help(request_verbs().front(), Help::whole));
    check_golden("help-short.txt", short_help());
  }
}

}  // namespace help_test
