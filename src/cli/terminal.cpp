#include "cli/terminal.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include <sys/ioctl.h>
#include <unistd.h>

namespace xtrace::cli {

namespace {

constexpr int kDefaultWidth = 80;
constexpr int kWidest = 1000;

std::string_view variable(const Environment& environment, const char* name) {
  const char* value = environment(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

bool demands(std::string_view value) {
  return !value.empty() && value != "0";
}

bool wants_color(const TerminalFacts& facts, ColorChoice color, const Environment& environment) {
  if (color != ColorChoice::automatic) return color == ColorChoice::always;
  if (!variable(environment, "NO_COLOR").empty()) return false;
  if (demands(variable(environment, "FORCE_COLOR"))) return true;
  if (demands(variable(environment, "CLICOLOR_FORCE"))) return true;
  return facts.is_terminal && variable(environment, "TERM") != "dumb";
}

bool names_utf8(std::string_view locale) {
  const auto same = [](char a, char b) { return (a >= 'a' && a <= 'z' ? a - 'a' + 'A' : a) == b; };
  constexpr std::array<std::string_view, 2> kSpellings = {"UTF-8", "UTF8"};
  return std::ranges::any_of(kSpellings, [&](std::string_view spelling) {
    return std::search(locale.begin(), locale.end(), spelling.begin(), spelling.end(), same) !=
           locale.end();
  });
}

bool has_utf8_locale(const Environment& environment) {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view value = variable(environment, name);
    if (!value.empty()) return names_utf8(value);
  }
  return false;
}

int width_of(const TerminalFacts& facts, const Environment& environment) {
  if (!facts.is_terminal) return kDefaultWidth;
  if (facts.columns > 0) return std::min(facts.columns, kWidest);
  const std::string_view text = variable(environment, "COLUMNS");
  int columns = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), columns);
  const bool is_number = failure == std::errc{} && end == text.data() + text.size();
  return is_number && columns > 0 ? std::min(columns, kWidest) : kDefaultWidth;
}

}  // namespace

TerminalFacts inspect_terminal(int descriptor) {
  TerminalFacts facts{.is_terminal = isatty(descriptor) == 1};
  winsize size{};
  if (facts.is_terminal && ioctl(descriptor, TIOCGWINSZ, &size) == 0) facts.columns = size.ws_col;
  return facts;
}

Style make_style(const TerminalFacts& facts, ColorChoice color, const Environment& environment) {
  Style style;
  style.color = wants_color(facts, color, environment);
  style.utf8 =
      facts.is_terminal && variable(environment, "TERM") != "dumb" && has_utf8_locale(environment);
  style.width = width_of(facts, environment);
  return style;
}

}  // namespace xtrace::cli
