#include "cli/flag_speller.h"

#include <algorithm>
#include <utility>

namespace xtrace::cli {

namespace {

Error usage(const VerbSyntax& syntax, std::string_view rest) {
  return {Error::Code::invalid_config, Phase::none,
          "xtrace " + std::string(syntax.name) + " " + std::string(rest)};
}

std::string list_hint(const VerbSyntax& syntax) {
  return "; xtrace " + std::string(syntax.name) + " --help lists them all";
}

Error unknown_name(const VerbSyntax& syntax, std::string_view name) {
  const std::string sentence = "knows no flag --" + std::string(name);
  if (std::ranges::find(syntax.later_names, name) != syntax.later_names.end()) {
    return usage(syntax, sentence + " in this version");
  }
  const FlagRow* nearest = nearest_flag(syntax, name);
  if (nearest == nullptr) return usage(syntax, sentence + list_hint(syntax));
  return usage(syntax, sentence + "; did you mean " + nearest->dashed() + "?");
}

Error unknown_letter(const VerbSyntax& syntax, char letter, std::string_view argument) {
  const bool is_printable = letter > ' ' && letter <= '~';
  const std::string flag = is_printable ? std::string("-") + letter : std::string(argument);
  const std::string sentence = "knows no flag " + flag;
  if (syntax.later_letters.find(letter) != std::string_view::npos) {
    return usage(syntax, sentence + " in this version");
  }
  const bool is_upper = letter >= 'A' && letter <= 'Z';
  const bool is_lower = letter >= 'a' && letter <= 'z';
  const char other = static_cast<char>(is_upper ? letter - 'A' + 'a' : letter - 'a' + 'A');
  if ((is_upper || is_lower) && find_flag(syntax, other) != nullptr) {
    return usage(syntax, sentence + "; did you mean -" + other + "?");
  }
  return usage(syntax, sentence + list_hint(syntax));
}

std::string word_of(const FlagRow& row) {
  return (row.name.empty() ? "-" : "--") + parser_name(row);
}

class Speller {
 public:
  Speller(const VerbSyntax& syntax, std::span<const std::string_view> arguments)
      : syntax_(&syntax), arguments_(arguments) {}

  Expected<Spelling> spell() {
    while (next_ < arguments_.size()) {
      const std::string_view argument = arguments_[next_++];
      const bool is_flag = argument.size() > 1 && argument.front() == '-';
      if (argument == "--") {
        end_flags(next_);
      } else if (!is_flag && syntax_->takes_command) {
        end_flags(next_ - 1);
      } else if (!is_flag) {
        spelling_.words.emplace_back(argument);
      } else {
        auto spelled =
            argument.starts_with("--") ? spell_name(argument.substr(2)) : spell_letters(argument);
        if (!spelled) return std::move(spelled).error();
      }
    }
    return std::move(spelling_);
  }

 private:
  /// From the argument at `first` on there are no flags.
  void end_flags(std::size_t first) {
    const auto others = arguments_.subspan(first);
    next_ = arguments_.size();
    std::vector<std::string>& place = syntax_->takes_command ? spelling_.rest : spelling_.words;
    if (!syntax_->takes_command) place.emplace_back("--");
    for (const std::string_view word : others) place.emplace_back(word);
  }

  Expected<void> spell_name(std::string_view text) {
    const auto equals = text.find('=');
    const std::string_view name = text.substr(0, equals);
    const FlagRow* row = find_flag(*syntax_, name);
    if (row == nullptr) return unknown_name(*syntax_, name);
    if (equals == std::string_view::npos) return row->takes_value() ? take_next(*row) : flag(*row);
    if (!row->takes_value()) return usage(*syntax_, row->dashed() + " takes no value");
    return with_value(*row, text.substr(equals + 1));
  }

  Expected<void> spell_letters(std::string_view argument) {
    for (std::size_t i = 1; i < argument.size(); ++i) {
      const FlagRow* row = find_flag(*syntax_, argument[i]);
      if (row == nullptr) return unknown_letter(*syntax_, argument[i], argument);
      if (row->takes_value()) {
        return i + 1 < argument.size() ? with_value(*row, argument.substr(i + 1)) : take_next(*row);
      }
      if (auto spelled = flag(*row); !spelled) return spelled;
    }
    return {};
  }

  Expected<void> take_next(const FlagRow& row) {
    const bool is_there = next_ < arguments_.size();
    if (row.is_value_optional && (!is_there || arguments_[next_].starts_with('-'))) {
      return with_value(row, {});
    }
    if (is_there) return with_value(row, arguments_[next_++]);
    return usage(*syntax_, row.dashed() + " needs a value: " + row.dashed() + " " +
                               std::string(row.argument));
  }

  Expected<void> with_value(const FlagRow& row, std::string_view value) {
    return use(row, word_of(row) + "=" + std::string(value));
  }

  Expected<void> flag(const FlagRow& row) { return use(row, word_of(row)); }

  Expected<void> use(const FlagRow& row, std::string word) {
    spelling_.words.push_back(std::move(word));
    if (std::ranges::find(spelling_.rows, &row) == spelling_.rows.end()) {
      spelling_.rows.push_back(&row);
    }
    return {};
  }

  const VerbSyntax* syntax_;
  std::span<const std::string_view> arguments_;
  std::size_t next_ = 0;
  Spelling spelling_;
};

}  // namespace

std::string parser_name(const FlagRow& row) {
  std::string name(row.name);
  if (name.empty()) name = row.letter;
  std::ranges::replace(name, '.', '_');
  return name;
}

Expected<Spelling> spell_flags(const VerbSyntax& syntax,
                               std::span<const std::string_view> arguments) {
  return Speller(syntax, arguments).spell();
}

}  // namespace xtrace::cli
