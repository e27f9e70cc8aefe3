#include "cli/flags.h"

#include <algorithm>
#include <array>
#include <set>

#include <doctest/doctest.h>

#include "cli/verbs.h"

namespace flags_test {

using namespace xtrace;
using namespace xtrace::cli;
using Words = std::vector<std::string>;

namespace {

constexpr auto kRows = std::to_array<FlagRow>(
    {{.name = "to", .letter = 't', .argument = "WHERE"},
     {.name = "strict", .letter = 's'},
     {.name = "tag", .letter = 'a', .argument = "KEY=VALUE", .is_repeatable = true},
     {.name = "show", .argument = "WHAT", .is_value_optional = true},
     {.name = "old", .rival = "new"},
     {.name = "new", .rival = "old"}});
constexpr auto kLater = std::to_array<std::string_view>({"tot"});
constexpr VerbSyntax kSend{.name = "send",
                           .flags = kRows,
                           .most_positionals = 2,
                           .later_names = kLater,
                           .later_letters = "T"};
constexpr VerbSyntax kRun{.name = "run", .flags = kRows, .takes_command = true};

Expected<ParsedFlags> parse(const VerbSyntax& syntax,
                            std::initializer_list<std::string_view> words) {
  return parse_flags(syntax, std::span(words.begin(), words.size()));
}

ParsedFlags parsed(const VerbSyntax& syntax, std::initializer_list<std::string_view> words) {
  auto flags = parse(syntax, words);
  if (const auto* error = flags.if_error()) FAIL(error->message);
  return std::move(flags).value();
}

std::string refusal(std::initializer_list<std::string_view> words) {
  auto flags = parse(kSend, words);
  return flags ? std::string() : flags.error().message;
}

Setting of_file(std::string_view name, std::string value, std::string origin) {
  return {.row = find_flag(kSend, name), .value = std::move(value), .origin = std::move(origin)};
}

}  // namespace

TEST_SUITE("cli/flags") {
  TEST_CASE("a verb asks for its flags by name") {
    const ParsedFlags flags = parsed(kSend, {"-t", "here", "file", "-sa", "k=1", "-ak=2"});
    CHECK(flags.has("strict"));
    CHECK(flags.value("to") == "here");
    CHECK(flags.values("tag") == Words{"k=1", "k=2"});
    CHECK(flags.positionals() == Words{"file"});
    CHECK_FALSE(flags.has("old"));
    CHECK_FALSE(flags.value("show"));
    CHECK(flags.values("show").empty());
  }

  TEST_CASE("of a flag given twice the last counts") {
    CHECK(parsed(kSend, {"--to", "a", "--to=b"}).value("to") == "b");
  }

  TEST_CASE("two dashes end the flags") {
    CHECK(parsed(kSend, {"-s", "--", "-t", "--"}).positionals() == Words{"-t", "--"});
  }

  TEST_CASE("a command keeps its own flags, with and without the two dashes") {
    const ParsedFlags plain = parsed(kRun, {"-s", "make", "-t", "--", "--help"});
    CHECK(plain.rest() == Words{"make", "-t", "--", "--help"});
    CHECK(plain.help() == ParsedFlags::Help::none);
    CHECK_FALSE(plain.has("to"));
    const ParsedFlags dashed = parsed(kRun, {"-s", "--", "-odd", "-t"});
    CHECK(dashed.rest() == Words{"-odd", "-t"});
    CHECK(dashed.positionals().empty());
    CHECK(parsed(kRun, {"-s", "--"}).rest().empty());
    CHECK(parsed(kRun, {"-"}).rest() == Words{"-"});
  }

  TEST_CASE("an optional value is the next word, unless that is a flag or missing") {
    CHECK(parsed(kSend, {"--show", "all"}).value("show") == "all");
    CHECK(parsed(kSend, {"--show=all"}).value("show") == "all");
    CHECK(parsed(kSend, {"--show"}).value("show") == "");
    const ParsedFlags flags = parsed(kSend, {"--show", "-s"});
    CHECK(flags.value("show") == "");
    CHECK(flags.has("strict"));
  }

  TEST_CASE("help is asked for with a letter or a word") {
    CHECK(parsed(kSend, {"-h"}).help() == ParsedFlags::Help::brief);
    CHECK(parsed(kSend, {"-sh", "--help"}).help() == ParsedFlags::Help::whole);
    CHECK(parsed(kSend, {"-s"}).help() == ParsedFlags::Help::none);
    CHECK(parsed(kSend, {"a", "b", "c", "-h"}).help() == ParsedFlags::Help::brief);
  }

  TEST_CASE("what is not in the table is refused with the nearest flag, or none") {
    CHECK(refusal({"--strit"}) == "xtrace send knows no flag --strit; did you mean --strict?");
    CHECK(refusal({"--confg", "x"}) == "xtrace send knows no flag --confg; did you mean --config?");
    CHECK(refusal({"-S"}) == "xtrace send knows no flag -S; did you mean -s?");
    CHECK(refusal({"-z"}) == "xtrace send knows no flag -z; xtrace send --help lists them all");
    CHECK(refusal({"--tot"}) == "xtrace send knows no flag --tot in this version");
    CHECK(refusal({"-T"}) == "xtrace send knows no flag -T in this version");
  }

  TEST_CASE("a value too few, a value or a word too many is refused") {
    CHECK(refusal({"--to"}) == "xtrace send --to needs a value: --to WHERE");
    CHECK(refusal({"--strict=yes"}) == "xtrace send --strict takes no value");
    CHECK(refusal({"a", "b", "c"}) == "xtrace send takes at most 2 words that are no flags, not 3");
  }

  TEST_CASE("a refusal names the flag, or the line of the file") {
    ParsedFlags flags = parsed(kSend, {"--to", "x"});
    CHECK(flags.refuse("to", "it is no place").message == "xtrace send --to: it is no place");
    flags.add_beneath({of_file("tag", "x", "/h/config:3")});
    CHECK(flags.refuse("tag", "it has no value").message == "/h/config:3: tag: it has no value");
    CHECK(flags.refuse("needs a file").message == "xtrace send needs a file");
  }

  TEST_CASE("the command line wins over files, a later file over an earlier one") {
    ParsedFlags flags = parsed(kSend, {"-s"});
    flags.add_beneath({of_file("to", "far", "a:1"), of_file("to", "near", "b:1")});
    CHECK(flags.value("to") == "near");
    CHECK(flags.find("to")->origin == "b:1");
    ParsedFlags typed = parsed(kSend, {"--to", "here"});
    typed.add_beneath({of_file("to", "far", "a:1")});
    CHECK(typed.settings().size() == 1);
    CHECK(typed.value("to") == "here");
  }

  TEST_CASE("values that may be repeated add up over files and flags") {
    ParsedFlags flags = parsed(kSend, {"-a", "z=3"});
    flags.add_beneath({of_file("tag", "x=1", "a:1"), of_file("tag", "y=2", "b:1")});
    CHECK(flags.values("tag") == Words{"x=1", "y=2", "z=3"});
  }

  TEST_CASE("a file takes back what a less important one said") {
    ParsedFlags flags = parsed(kSend, {});
    flags.add_beneath({of_file("strict", "", "a:1"), of_file("strict", "false", "b:1")});
    CHECK_FALSE(flags.has("strict"));
  }

  TEST_CASE("a rival given later puts a file's flag out of force") {
    ParsedFlags typed = parsed(kSend, {"--new"});
    typed.add_beneath({of_file("old", "", "a:1")});
    CHECK_FALSE(typed.has("old"));
    ParsedFlags written = parsed(kSend, {});
    written.add_beneath({of_file("old", "", "a:1"), of_file("new", "", "b:1")});
    CHECK_FALSE(written.has("old"));
    CHECK(written.has("new"));
    ParsedFlags kept = parsed(kSend, {});
    kept.add_beneath({of_file("old", "", "a:1"), of_file("new", "false", "b:1")});
    CHECK(kept.has("old"));
  }

  TEST_CASE("an edit is an insertion, a deletion, a replacement or a swap of neighbours") {
    CHECK(edit_distance("", "abc") == 3);
    CHECK(edit_distance("format", "format") == 0);
    CHECK(edit_distance("formt", "format") == 1);
    CHECK(edit_distance("fromat", "format") == 1);
    CHECK(edit_distance("kitten", "sitting") == 3);
  }

  TEST_CASE("no two flags of a verb share a name or a letter") {
    for (const Verb& verb : verb_table()) {
      CAPTURE(verb.syntax->name);
      std::set<std::string_view> names;
      std::set<char> letters;
      for (const FlagRow& row : verb.syntax->flags) {
        CAPTURE(row.name);
        CHECK_FALSE(row.name.empty());
        CHECK(names.insert(row.name).second);
        CHECK((row.letter == '\0' || letters.insert(row.letter).second));
        CHECK(row.letter != 'h');
      }
    }
  }

  TEST_CASE("no flag of this version is taken for one of a later version") {
    for (const Verb& verb : verb_table()) {
      const VerbSyntax& syntax = *verb.syntax;
      for (const std::string_view name : syntax.later_names) CHECK(!find_flag(syntax, name));
      for (const char letter : syntax.later_letters) CHECK(!find_flag(syntax, letter));
    }
  }
}

}  // namespace flags_test
