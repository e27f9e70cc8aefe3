#include "cli/flags.h"

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "cli/flag_speller.h"
#include "cli/options_words.h"

namespace xtrace::cli {

namespace {

constexpr std::string_view kGroup = "General";

constexpr auto kShared = std::to_array<FlagRow>(
    {{.name = "config",
      .letter = 'K',
      .argument = "FILE",
      .group = kGroup,
      .help = "read this configuration file only, or none at all (--config none); default: "
              "XTRACE_CONFIG, or .xtracerc of the project and the file of your own",
      .files = FileUse::never},
     {.letter = 'h',
      .group = kGroup,
      .in_short_help = true,
      .help = "show the short help",
      .files = FileUse::never},
     {.name = "help",
      .group = kGroup,
      .in_short_help = true,
      .help = "show the whole help",
      .files = FileUse::never}});

Error invalid(std::string message) {
  return {Error::Code::invalid_config, Phase::none, std::move(message)};
}

template <class Matches>
const FlagRow* find_row(const VerbSyntax& syntax, const Matches& matches) {
  const auto own = std::ranges::find_if(syntax.flags, matches);
  if (own != syntax.flags.end()) return &*own;
  const auto* shared = std::ranges::find_if(kShared, matches);
  return shared == kShared.end() ? nullptr : shared;
}

bool is_given(const std::vector<Setting>& settings, std::string_view name) {
  const auto names = [name](const Setting& setting) { return setting.row->name == name; };
  return std::ranges::any_of(settings, names);
}

/// What counts of the files: of several that say the same thing the last, unless they add up, and
/// nothing that a flag decides.
std::vector<Setting> choose_settings(std::vector<Setting> from_files,
                                     const std::vector<Setting>& from_flags) {
  std::vector<Setting> chosen;
  for (Setting& setting : from_files) {
    const FlagRow& row = *setting.row;
    // `fail = false` takes back what a less important file said.
    const bool is_taken_back = !row.takes_value() && setting.value == "false";
    const bool has_rival = !row.rival.empty() && !is_taken_back;
    if (has_rival && is_given(from_flags, row.rival)) continue;
    if (!row.is_repeatable) {
      if (is_given(from_flags, row.name)) continue;
      std::erase_if(chosen, [&row, has_rival](const Setting& other) {
        return other.row == &row || (has_rival && other.row->name == row.rival);
      });
    }
    if (is_taken_back) continue;
    chosen.push_back(std::move(setting));
  }
  return chosen;
}

}  // namespace

std::string FlagRow::dashed() const {
  return name.empty() ? std::string("-") + letter : "--" + std::string(name);
}

std::string_view VerbSyntax::family() const {
  return section.empty() ? name.substr(0, name.find(' ')) : section;
}

ParsedFlags::Help ParsedFlags::help() const {
  if (has("help")) return Help::whole;
  const auto is_brief = [](const Setting& setting) { return setting.row->letter == 'h'; };
  return std::ranges::any_of(words_.settings, is_brief) ? Help::brief : Help::none;
}

const Setting* ParsedFlags::find(std::string_view name) const {
  XTRACE_ASSERT(find_flag(*syntax_, name) != nullptr);
  const auto names = [name](const Setting& setting) { return setting.row->name == name; };
  const auto found = std::find_if(words_.settings.rbegin(), words_.settings.rend(), names);
  return found == words_.settings.rend() ? nullptr : &*found;
}

std::optional<std::string> ParsedFlags::value(std::string_view name) const {
  const Setting* setting = find(name);
  return setting == nullptr ? std::nullopt : std::optional(setting->value);
}

std::vector<std::string> ParsedFlags::values(std::string_view name) const {
  std::vector<std::string> values;
  if (!has(name)) return values;
  for (const Setting& setting : words_.settings) {
    if (setting.row->name == name) values.push_back(setting.value);
  }
  return values;
}

Error ParsedFlags::refuse(std::string_view name, std::string_view reason) const {
  const Setting* setting = find(name);
  XTRACE_ASSERT(setting != nullptr);
  return refuse(*setting, reason);
}

Error ParsedFlags::refuse(const Setting& setting, std::string_view reason) const {
  std::string sentence = setting.origin.empty()
                             ? "xtrace " + std::string(syntax_->name) + " " + setting.row->dashed()
                             : setting.origin + ": " + std::string(setting.row->name);
  return invalid(sentence + ": " + std::string(reason));
}

Error ParsedFlags::refuse(std::string_view sentence) const {
  return invalid("xtrace " + std::string(syntax_->name) + " " + std::string(sentence));
}

void ParsedFlags::add_beneath(std::vector<Setting> from_files) {
  std::vector<Setting> all = choose_settings(std::move(from_files), words_.settings);
  std::ranges::move(words_.settings, std::back_inserter(all));
  words_.settings = std::move(all);
}

Expected<ParsedFlags> parse_flags(const VerbSyntax& syntax,
                                  std::span<const std::string_view> arguments) {
  auto spelling = spell_flags(syntax, arguments);
  if (const auto* error = spelling.if_error()) return *error;
  auto words = read_words(syntax, std::move(spelling).value());
  if (const auto* error = words.if_error()) return *error;
  ParsedFlags flags(syntax, std::move(words).value());
  const std::size_t count = flags.positionals().size();
  if (count > syntax.most_positionals && flags.help() == ParsedFlags::Help::none) {
    const std::size_t most = syntax.most_positionals;
    if (most == 0) return flags.refuse("takes flags only, and no other word");
    const std::string_view noun = most == 1 ? " word that is no flag" : " words that are no flags";
    return flags.refuse("takes at most " + std::to_string(most) + std::string(noun) + ", not " +
                        std::to_string(count));
  }
  return flags;
}

std::span<const FlagRow> shared_flags() {
  return kShared;
}

const FlagRow* find_flag(const VerbSyntax& syntax, std::string_view name) {
  if (name.empty()) return nullptr;
  return find_row(syntax, [name](const FlagRow& row) { return row.name == name; });
}

const FlagRow* find_flag(const VerbSyntax& syntax, char letter) {
  if (letter == '\0') return nullptr;
  return find_row(syntax, [letter](const FlagRow& row) { return row.letter == letter; });
}

const FlagRow* nearest_flag(const VerbSyntax& syntax, std::string_view name) {
  const FlagRow* nearest = nullptr;
  std::size_t fewest = name.size() / 2 + 1;
  const auto weigh = [&nearest, &fewest, name](const FlagRow& row) {
    if (row.name.empty()) return;
    const std::size_t edits = edit_distance(name, row.name);
    // Of two that are as near the longer one: letters are forgotten more often than made up.
    const bool is_longer = nearest != nullptr && row.name.size() > nearest->name.size();
    if (edits > fewest || (edits == fewest && !is_longer)) return;
    fewest = edits;
    nearest = &row;
  };
  std::ranges::for_each(syntax.flags, weigh);
  std::ranges::for_each(kShared, weigh);
  return nearest;
}

std::size_t edit_distance(std::string_view from, std::string_view to) {
  const std::size_t columns = to.size() + 1;
  std::vector<std::size_t> cells((from.size() + 1) * columns);
  const auto at = [&cells, columns](std::size_t i, std::size_t j) -> std::size_t& {
    return cells[i * columns + j];
  };
  for (std::size_t i = 0; i <= from.size(); ++i) at(i, 0) = i;
  for (std::size_t j = 0; j <= to.size(); ++j) at(0, j) = j;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t replaced = at(i - 1, j - 1) + (from[i - 1] == to[j - 1] ? 0 : 1);
      at(i, j) = std::min({at(i - 1, j) + 1, at(i, j - 1) + 1, replaced});
      const bool swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
      if (swapped) at(i, j) = std::min(at(i, j), at(i - 2, j - 2) + 1);
    }
  }
  return at(from.size(), to.size());
}

}  // namespace xtrace::cli
