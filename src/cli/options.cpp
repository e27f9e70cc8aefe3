#include "cli/options.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <cxxopts.hpp>

#include "cli/option_draft.h"
#include "cli/option_table.h"

namespace xtrace::cli {

namespace {

Error usage(std::string_view verb, std::string_view rest) {
  return {Error::Code::invalid_config, Phase::none,
          "xtrace " + std::string(verb) + " " + std::string(rest)};
}

Error unknown_name(std::string_view verb, std::string_view name) {
  const std::string sentence = "knows no flag --" + std::string(name);
  if (is_known_elsewhere(name)) return usage(verb, sentence + " in this version");
  const OptionRow* nearest = nearest_option(name);
  if (nearest == nullptr) return usage(verb, sentence + "; xtrace get --help lists them all");
  return usage(verb, sentence + "; did you mean --" + std::string(nearest->name) + "?");
}

Error unknown_letter(std::string_view verb, char letter, std::string_view argument) {
  const bool is_printable = letter > ' ' && letter <= '~';
  const std::string flag = is_printable ? std::string("-") + letter : std::string(argument);
  const std::string sentence = "knows no flag " + flag;
  if (is_known_elsewhere(letter)) return usage(verb, sentence + " in this version");
  const bool is_upper = letter >= 'A' && letter <= 'Z';
  const bool is_lower = letter >= 'a' && letter <= 'z';
  const char other = static_cast<char>(is_upper ? letter - 'A' + 'a' : letter - 'a' + 'A');
  if ((is_upper || is_lower) && find_option(other) != nullptr) {
    return usage(verb, sentence + "; did you mean -" + other + "?");
  }
  return usage(verb, sentence + "; xtrace get --help lists them all");
}

std::string dashed(const OptionRow& row) {
  return row.name.empty() ? std::string("-") + row.letter : "--" + std::string(row.name);
}

/// A command line in one word per flag, and the flags that it uses.
struct Spelling {
  std::vector<std::string> words;
  std::vector<const OptionRow*> rows;
};

/// Rewrites curl's spellings to one word per flag, `--name` or `--name=value`, and the rest to
/// itself. cxxopts reads that form only: without <regex> it takes `-o/tmp/x` and values that begin
/// with a dash for mistakes.
class Speller {
 public:
  Speller(std::string_view verb, std::span<const std::string_view> arguments)
      : verb_(verb), arguments_(arguments) {}

  Expected<Spelling> spell() {
    while (next_ < arguments_.size()) {
      const std::string_view argument = arguments_[next_++];
      if (argument == "--") {
        for (const std::string_view word : arguments_.subspan(next_ - 1)) keep(word);
        break;
      }
      Expected<void> spelled;
      if (argument.starts_with("--")) {
        spelled = spell_name(argument.substr(2));
      } else if (argument.size() > 1 && argument.front() == '-') {
        spelled = spell_letters(argument);
      } else {
        keep(argument);
      }
      if (!spelled) return std::move(spelled).error();
    }
    return std::move(spelling_);
  }

 private:
  Expected<void> spell_name(std::string_view text) {
    const auto equals = text.find('=');
    const std::string_view name = text.substr(0, equals);
    const OptionRow* row = find_option(name);
    if (row == nullptr) return unknown_name(verb_, name);
    if (equals == std::string_view::npos) return row->takes_value() ? take_next(*row) : flag(*row);
    if (!row->takes_value()) return usage(verb_, dashed(*row) + " takes no value");
    return with_value(*row, text.substr(equals + 1));
  }

  Expected<void> spell_letters(std::string_view argument) {
    for (std::size_t i = 1; i < argument.size(); ++i) {
      const OptionRow* row = find_option(argument[i]);
      if (row == nullptr) return unknown_letter(verb_, argument[i], argument);
      if (row->takes_value()) {
        return i + 1 < argument.size() ? with_value(*row, argument.substr(i + 1)) : take_next(*row);
      }
      if (auto spelled = flag(*row); !spelled) return spelled;
    }
    return {};
  }

  Expected<void> take_next(const OptionRow& row) {
    if (next_ < arguments_.size()) return with_value(row, arguments_[next_++]);
    return usage(verb_,
                 dashed(row) + " needs a value: " + dashed(row) + " " + std::string(row.argument));
  }

  Expected<void> with_value(const OptionRow& row, std::string_view value) {
    return use(row, dashed(row) + "=" + std::string(value));
  }

  Expected<void> flag(const OptionRow& row) { return use(row, dashed(row)); }

  Expected<void> use(const OptionRow& row, std::string word) {
    spelling_.words.push_back(std::move(word));
    if (std::ranges::find(spelling_.rows, &row) == spelling_.rows.end()) {
      spelling_.rows.push_back(&row);
    }
    return {};
  }

  void keep(std::string_view word) { spelling_.words.emplace_back(word); }

  std::string_view verb_;
  std::span<const std::string_view> arguments_;
  std::size_t next_ = 0;
  Spelling spelling_;
};

// Only the flags in use: to build all of them takes 0.1 ms, a tenth of a whole run on loopback.
cxxopts::Options make_parser(std::span<const OptionRow* const> rows) {
  cxxopts::Options parser("xtrace");
  auto add = parser.add_options();
  for (const OptionRow* row : rows) {
    const std::string name =
        row->name.empty() ? std::string(1, row->letter) : std::string(row->name);
    auto value = cxxopts::value<std::string>();
    add(name, std::string(), row->takes_value() ? value : value->implicit_value("true"));
  }
  return parser;
}

const OptionRow* find_key(const std::string& key) {
  return key.size() == 1 ? find_option(key.front()) : find_option(key);
}

Expected<OptionDraft> read_words(std::string_view verb, const Spelling& spelling) {
  std::vector<const char*> pointers = {"xtrace"};
  for (const std::string& word : spelling.words) pointers.push_back(word.c_str());

  auto parser = make_parser(spelling.rows);
  const auto parsed = parser.parse(static_cast<int>(pointers.size()), pointers.data());
  OptionDraft draft;
  draft.options.verb = verb;
  draft.urls = parsed.unmatched();
  for (const auto& argument : parsed.arguments()) {
    const OptionRow* row = find_key(argument.key());
    auto applied = apply_option(draft, row->id, argument.value());
    if (const auto* error = applied.if_error()) {
      return usage(verb, dashed(*row) + ": " + error->message);
    }
  }
  return draft;
}

}  // namespace

Expected<GetOptions> parse_get_options(std::string_view verb,
                                       std::span<const std::string_view> arguments) {
  auto spelling = Speller(verb, arguments).spell();
  if (const auto* error = spelling.if_error()) return *error;
  try {
    auto draft = read_words(verb, *spelling);
    if (const auto* error = draft.if_error()) return *error;
    return finish_draft(std::move(draft).value());
  } catch (const std::exception& problem) {
    // The spelling leaves cxxopts nothing to refuse; should another version of it find something,
    // its words are these.
    return usage(verb, std::string("cannot read its flags: ") + problem.what());
  }
}

}  // namespace xtrace::cli
