#include "cli/terminal.h"

#include <doctest/doctest.h>

#include "command_line.h"

namespace terminal_test {

using namespace xtrace::cli;
using xtrace::testing::environment;

namespace {

constexpr TerminalFacts kTerminal{.is_terminal = true, .columns = 132};
constexpr TerminalFacts kPipe{.is_terminal = false, .columns = 0};

bool has_color(const TerminalFacts& facts, ColorChoice choice,
               std::map<std::string, std::string> variables = {}) {
  return make_style(facts, choice, environment(std::move(variables))).color;
}

bool has_utf8(std::map<std::string, std::string> variables,
              const TerminalFacts& facts = kTerminal) {
  return make_style(facts, ColorChoice::automatic, environment(std::move(variables))).utf8;
}

int width(const TerminalFacts& facts, std::map<std::string, std::string> variables = {}) {
  return make_style(facts, ColorChoice::automatic, environment(std::move(variables))).width;
}

}  // namespace

TEST_SUITE("cli/terminal") {
  TEST_CASE("a terminal gets colour and a pipe does not") {
    CHECK(has_color(kTerminal, ColorChoice::automatic));
    CHECK_FALSE(has_color(kPipe, ColorChoice::automatic));
    CHECK_FALSE(has_color(kTerminal, ColorChoice::automatic, {{"TERM", "dumb"}}));
  }

  TEST_CASE("the flag wins over the environment") {
    CHECK(has_color(kPipe, ColorChoice::always, {{"NO_COLOR", "1"}}));
    CHECK_FALSE(has_color(kTerminal, ColorChoice::never, {{"FORCE_COLOR", "1"}}));
  }

  TEST_CASE("NO_COLOR forbids unless it is empty, and wins over the variables that demand") {
    CHECK_FALSE(has_color(kTerminal, ColorChoice::automatic, {{"NO_COLOR", "1"}}));
    CHECK(has_color(kTerminal, ColorChoice::automatic, {{"NO_COLOR", ""}}));
    CHECK_FALSE(
        has_color(kTerminal, ColorChoice::automatic, {{"NO_COLOR", "1"}, {"FORCE_COLOR", "1"}}));
  }

  TEST_CASE("FORCE_COLOR and CLICOLOR_FORCE demand colour on a pipe unless they are 0") {
    CHECK(has_color(kPipe, ColorChoice::automatic, {{"FORCE_COLOR", "1"}}));
    CHECK(has_color(kPipe, ColorChoice::automatic, {{"CLICOLOR_FORCE", "1"}}));
    CHECK_FALSE(has_color(kPipe, ColorChoice::automatic, {{"FORCE_COLOR", "0"}}));
  }

  TEST_CASE("the first locale variable that is set decides about UTF-8") {
    CHECK(has_utf8({{"LANG", "de_DE.UTF-8"}}));
    CHECK(has_utf8({{"LC_CTYPE", "C.utf8"}, {"LANG", "C"}}));
    CHECK_FALSE(has_utf8({{"LC_ALL", "C"}, {"LANG", "de_DE.UTF-8"}}));
    CHECK(has_utf8({{"LC_ALL", ""}, {"LANG", "de_DE.UTF-8"}}));
    CHECK_FALSE(has_utf8({}));
    CHECK_FALSE(has_utf8({{"LANG", "de_DE.UTF-8"}}, kPipe));
  }

  TEST_CASE("the width is the terminal's, else COLUMNS, else 80") {
    CHECK(width(kTerminal) == 132);
    CHECK(width({.is_terminal = true, .columns = 0}, {{"COLUMNS", "100"}}) == 100);
    CHECK(width({.is_terminal = true, .columns = 0}, {{"COLUMNS", "10x"}}) == 80);
    CHECK(width(kPipe, {{"COLUMNS", "100"}}) == 80);
  }
}

}  // namespace terminal_test
