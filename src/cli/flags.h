#pragma once

/// How a verb gets its command line: a table of flags, one engine that reads them, answers by name.
///
/// A new verb needs three things (`verb_id` is a small example):
///
///     constexpr auto kFlags = std::to_array<FlagRow>({
///         {.name = "to", .letter = 't', .argument = "WHERE", .help = "send the documents there"},
///         {.name = "strict", .help = "refuse what the documentation forbids"}});
///     const VerbSyntax kEmitSyntax{.name = "emit", .operands = "[FILE...]",
///         .summary = "segment documents to the daemon", .flags = kFlags};
///     int run_emit(const ParsedFlags& flags, Process& process);
///
/// and a row `{&kEmitSyntax, run_emit}` in verbs.cpp. `-h`, `--help`, `xtrace help emit`,
/// `--config`, the configuration files, the suggestions for misspelt flags and the refusals come
/// with it. When `run_emit` is called everything has been read:
///
///     flags.has("strict")              flags.values("annotate")     all of them, in order
///     flags.value("to")                flags.positionals()          the FILEs
///     flags.rest()                     the command, where `takes_command`
///     flags.refuse("to", reason)       `xtrace emit --to: reason`, or `FILE:LINE: to: reason`
///
/// Rows that several verbs share are in common_flags.h, readers of values in option_values.h and
/// choice.h. Spelling is curl's: flags before or after the other words, `-sk`, `-XPOST`, `-ofile`,
/// `--flag value` and `--flag=value`, `--` ends the flags, of a flag given twice the last counts.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <xtrace/expected.h>

namespace xtrace::cli {

/// Whether a configuration file may set a flag. A project's file comes with somebody else's
/// sources, so it may set only what can neither read nor write a file, nor lead a request or its
/// trace elsewhere.
enum class FileUse : std::uint8_t {
  never,
  user,           ///< The person's own file, and one named by `--config`.
  project,        ///< Also a project's `.xtracerc`.
  project_local,  ///< The same, where the value is `none` or a daemon on this machine.
};

struct FlagRow {
  std::string_view name = {};      ///< Without its dashes; empty for a flag that is a letter only.
  char letter = '\0';              ///< `\0` where there is none.
  std::string_view argument = {};  ///< What its value is called; empty for a flag without a value.
  std::string_view group = {};     ///< Its heading in the help; rows of one group are neighbours.
  bool in_short_help = false;
  std::string_view help = {};
  FileUse files = FileUse::user;
  /// Given several times, or in several files, the values add up instead of replacing each other.
  bool is_repeatable = false;
  bool is_secret = false;  ///< Its value is never printed.
  /// May stand without its value: then the value is empty.
  bool is_value_optional = false;
  /// The environment variables, blanks between them, that say the same: one that is set wins over
  /// the files.
  std::string_view variables = {};
  /// The flag that it contradicts: given on the command line, that one wins over a file's.
  std::string_view rival = {};

  bool takes_value() const { return !argument.empty(); }
  /// `--name`, or `-n` where it is a letter only.
  std::string dashed() const;
};

/// What a verb's command line may be. It and its texts live as long as the program.
struct VerbSyntax {
  std::string_view name = {};      ///< `emit`; of two words for a verb in a family: `span begin`.
  std::string_view operands = {};  ///< What follows the flags, for the help: `[FILE...]`.
  std::string_view summary = {};   ///< One line, for the list of verbs.
  std::span<const FlagRow> flags = {};
  std::string_view examples = {};  ///< Whole lines for the head of its help, or nothing.
  std::string_view notes = {};     ///< Whole lines for the end of its help, or nothing.
  std::size_t most_positionals = std::numeric_limits<std::size_t>::max();
  /// The first word that is no flag, or the one after `--`, begins a command: it and all that
  /// follows is `rest()`, flags included.
  bool takes_command = false;
  /// The section of the configuration files that is its own; empty: the first word of its name.
  std::string_view section = {};
  /// Flags that exist in curl or are to come, and their letters: suggesting a neighbour for them
  /// would mislead, for the person typed what they meant.
  std::span<const std::string_view> later_names = {};
  std::string_view later_letters = {};

  /// Its section, or what stands for it.
  std::string_view family() const;
};

/// One flag as it was given.
struct Setting {
  const FlagRow* row = nullptr;
  std::string value{};   ///< Empty for a flag without a value.
  std::string origin{};  ///< `FILE:LINE`, or empty for the command line.
};

/// A command line sorted out.
struct CommandWords {
  std::vector<Setting> settings{};
  std::vector<std::string> positionals{};
  std::vector<std::string> rest{};
};

class ParsedFlags {
 public:
  enum class Help : std::uint8_t { none, brief, whole };

  explicit ParsedFlags(const VerbSyntax& syntax, CommandWords words = {})
      : syntax_(&syntax), words_(std::move(words)) {}

  const VerbSyntax& syntax() const { return *syntax_; }
  /// Asked for; then nothing else counts.
  Help help() const;

  /// Asking for a name that is not in the verb's table is a bug and ends the process.
  bool has(std::string_view name) const { return find(name) != nullptr; }
  std::optional<std::string> value(std::string_view name) const;
  std::vector<std::string> values(std::string_view name) const;
  /// The setting that counts, or null.
  const Setting* find(std::string_view name) const;

  /// In the order given, those of files first.
  const std::vector<Setting>& settings() const { return words_.settings; }
  const std::vector<std::string>& positionals() const { return words_.positionals; }
  const std::vector<std::string>& rest() const { return words_.rest; }

  /// `invalid_config`, a complete sentence about the value of a flag that was given.
  Error refuse(std::string_view name, std::string_view reason) const;
  Error refuse(const Setting& setting, std::string_view reason) const;
  /// `xtrace VERB sentence`.
  Error refuse(std::string_view sentence) const;

  /// Puts what files say, least important first, before what the command line says, except where
  /// that one, or a flag's rival on it, decides.
  void add_beneath(std::vector<Setting> from_files);

 private:
  const VerbSyntax* syntax_;
  CommandWords words_;
};

/// Reads what follows the verb. Fails with `invalid_config`: one sentence, complete as it is, that
/// repeats no value.
Expected<ParsedFlags> parse_flags(const VerbSyntax& syntax,
                                  std::span<const std::string_view> arguments);

/// The rows that every verb has besides its own: `--config`, `-h`, `--help`.
std::span<const FlagRow> shared_flags();

/// The row of a long name or of a letter, the shared ones included, or null.
const FlagRow* find_flag(const VerbSyntax& syntax, std::string_view name);
const FlagRow* find_flag(const VerbSyntax& syntax, char letter);

/// The row whose long name takes the fewest edits (insert, delete, replace, swap neighbours) to get
/// from `name`, or null where none is near: a suggestion that shares nothing with what was typed
/// helps nobody.
const FlagRow* nearest_flag(const VerbSyntax& syntax, std::string_view name);

/// How many edits lead from `from` to `to`.
std::size_t edit_distance(std::string_view from, std::string_view to);

}  // namespace xtrace::cli
