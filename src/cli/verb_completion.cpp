#include "cli/verb_completion.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/system_reason.h"
#include "cli/choice.h"
#include "cli/exit_code.h"
#include "cli/notes.h"
#include "cli/verbs.h"

namespace xtrace::cli {

namespace {

enum class Shell : std::uint8_t { bash, zsh, fish };
constexpr std::array<Word<Shell>, 3> kShells = {
    {{"bash", Shell::bash}, {"zsh", Shell::zsh}, {"fish", Shell::fish}}};

constexpr std::string_view kCompletionExamples =
    "  eval \"$(xtrace completion bash)\"                 in ~/.bashrc\n"
    "  xtrace completion zsh >\"${fpath[1]}/_xtrace\"\n"
    "  xtrace completion fish >~/.config/fish/completions/xtrace.fish\n";

// Verbs of two words are completed one after the other; where there is a flag to begin with, its
// name, else a file.
constexpr std::string_view kBashBegin =
    "  local word=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]} words=\n"
    "  case $COMP_CWORD/$verb in\n";
constexpr std::string_view kBashVerbs =
    "    *)\n"
    "      [ -z \"${COMP_WORDS[2]:-}\" ] || case \" ${families[*]} \" in\n"
    "        *\" $verb \"*) verb=\"$verb ${COMP_WORDS[2]}\" ;;\n"
    "      esac\n"
    "      case $verb in\n";
constexpr std::string_view kBashEnd =
    "      esac\n"
    "      case $word in -*) ;; *) words= ;; esac ;;\n"
    "  esac\n"
    "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
    "}\n"
    "complete -o default -F _xtrace xtrace\n";

std::string single_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

/// The words of a name: `span`, `begin`.
std::string_view first_word(std::string_view name) {
  return name.substr(0, name.find(' '));
}
std::string_view second_word(std::string_view name) {
  const std::size_t space = name.find(' ');
  return space == std::string_view::npos ? std::string_view() : name.substr(space + 1);
}

std::vector<const FlagRow*> named_flags(const VerbSyntax& syntax) {
  std::vector<const FlagRow*> rows;
  for (const FlagRow& row : syntax.flags) {
    if (!row.name.empty()) rows.push_back(&row);
  }
  for (const FlagRow& row : shared_flags()) {
    if (!row.name.empty() && find_flag(syntax, row.name) == &row) rows.push_back(&row);
  }
  return rows;
}

/// The first words of all verbs, each once, with what they are about.
struct FirstWord {
  std::string_view word;
  std::string about;
  std::vector<const VerbSyntax*> members{};  ///< Where it is a family.
};

std::vector<FirstWord> first_words() {
  std::vector<FirstWord> words;
  for (const Verb& verb : verb_table()) {
    const std::string_view word = first_word(verb.syntax->name);
    if (words.empty() || words.back().word != word) {
      words.push_back({.word = word, .about = std::string(verb.syntax->summary)});
    }
    if (second_word(verb.syntax->name).empty()) continue;
    words.back().members.push_back(verb.syntax);
    words.back().about = "segments from shell scripts";
  }
  return words;
}

std::string bash_script() {
  std::string script(kBashBegin);
  std::string words;
  std::string families;
  for (const FirstWord& first : first_words()) {
    words.append(words.empty() ? "" : " ").append(first.word);
    if (first.members.empty()) continue;
    families.append(families.empty() ? "" : " ").append(first.word);
    script.append("    2/").append(first.word).append(") words='");
    for (const VerbSyntax* member : first.members) {
      script.append(second_word(member->name)).append(" ");
    }
    script.back() = '\'';
    script += " ;;\n";
  }
  script.append("    1/*) words='").append(words).append("' ;;\n").append(kBashVerbs);
  for (const Verb& verb : verb_table()) {
    script.append("        '").append(verb.syntax->name).append("') words='");
    for (const FlagRow* row : named_flags(*verb.syntax)) script.append(row->dashed()).append(" ");
    script.back() = '\'';
    script += " ;;\n";
  }
  return "_xtrace() {\n  local families=(" + families + ")\n" + script + std::string(kBashEnd);
}

/// `name:what it is`, as `_describe` takes it.
std::string zsh_entry(std::string_view name, std::string_view about) {
  return "      " + single_quoted(std::string(name).append(":").append(about)) + "\n";
}

std::string zsh_script() {
  std::string script = "#compdef xtrace\n_xtrace() {\n  local -a entries\n  local verb=$words[2]\n";
  std::string verbs;
  std::string families;
  for (const FirstWord& first : first_words()) {
    verbs += zsh_entry(first.word, first.about);
    if (first.members.empty()) continue;
    families.append("  if [[ $verb == ").append(first.word).append(" ]]; then\n");
    families += "    if (( CURRENT == 3 )); then\n    entries=(\n";
    for (const VerbSyntax* member : first.members) {
      families += zsh_entry(second_word(member->name), member->summary);
    }
    families +=
        "    )\n    _describe verb entries\n    return\n    fi\n    verb=\"$verb $words[3]\"\n";
    families += "  fi\n";
  }
  script += "  if (( CURRENT == 2 )); then\n    entries=(\n" + verbs;
  script +=
      "    )\n    _describe verb entries\n    return\n  fi\n" + families + "  case $verb in\n";
  for (const Verb& verb : verb_table()) {
    script.append("    ").append(single_quoted(verb.syntax->name)).append(") entries=(\n");
    for (const FlagRow* row : named_flags(*verb.syntax)) {
      script += zsh_entry(row->dashed(), row->help);
    }
    script += "    ) ;;\n";
  }
  script += "  esac\n  if [[ $PREFIX == -* ]]; then\n    _describe -o flag entries\n  else\n";
  script += "    _files\n  fi\n}\n";
  return script +
         "if [[ $funcstack[1] == _xtrace ]]; then _xtrace \"$@\"; else compdef _xtrace xtrace; "
         "fi\n";
}

/// In fish single quotes, a quote and a backslash are escaped by a backslash.
std::string fish_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

std::string fish_script() {
  const std::string line = "complete -c xtrace -n ";
  std::string script;
  for (const FirstWord& first : first_words()) {
    script += line + "__fish_use_subcommand -f -a " + std::string(first.word) + " -d " +
              fish_quoted(first.about) + "\n";
    for (const VerbSyntax* member : first.members) {
      script += line + "'__fish_seen_subcommand_from " + std::string(first.word) + "' -f -a " +
                std::string(second_word(member->name)) + " -d " + fish_quoted(member->summary) +
                "\n";
    }
  }
  for (const Verb& verb : verb_table()) {
    const std::string_view name = verb.syntax->name;
    std::string condition = "__fish_seen_subcommand_from " + std::string(first_word(name));
    if (const std::string_view second = second_word(name); !second.empty()) {
      condition += "; and __fish_seen_subcommand_from " + std::string(second);
    }
    for (const FlagRow* row : named_flags(*verb.syntax)) {
      script.append(line).append("'").append(condition).append("' -l ").append(row->name);
      if (row->letter != '\0') script.append(" -s ").append(1, row->letter);
      if (row->takes_value() && !row->is_value_optional) script += " -r";
      script.append(" -d ").append(fish_quoted(row->help)).append("\n");
    }
  }
  return script;
}

}  // namespace

constinit const VerbSyntax kCompletionSyntax{
    .name = "completion",
    .operands = "SHELL",
    .summary = "complete command lines in bash, zsh or fish",
    .examples = kCompletionExamples,
    .most_positionals = 1};

int run_completion(const ParsedFlags& flags, Process& process) {
  if (flags.positionals().empty()) {
    return refuse_usage(process, flags.refuse("needs a shell: bash, zsh or fish"));
  }
  const auto shell = choose(kShells, flags.positionals().front());
  if (const Error* error = shell.if_error()) {
    return refuse_usage(process, flags.refuse("knows no such shell: " + error->message));
  }
  const std::string script = *shell == Shell::bash  ? bash_script()
                             : *shell == Shell::zsh ? zsh_script()
                                                    : fish_script();
  if (write_all(process.out, script) != WriteResult::failed) return to_int(ExitCode::done);
  say(process, "cannot write to stdout: " + system_reason(errno));
  return to_int(ExitCode::not_written);
}

}  // namespace xtrace::cli
