#include "cli/verbs.h"

#include <algorithm>
#include <array>
#include <string>

#include "cli/configuration.h"
#include "cli/exit_code.h"
#include "cli/help.h"
#include "cli/load_verb.h"
#include "cli/options.h"
#include "cli/request_verbs.h"
#include "cli/verb_check.h"
#include "cli/verb_completion.h"
#include "cli/verb_convert.h"
#include "cli/verb_emit.h"
#include "cli/verb_exec.h"
#include "cli/verb_get.h"
#include "cli/verb_id.h"
#include "cli/verb_listen.h"
#include "cli/verb_show.h"
#include "cli/verb_span.h"

namespace xtrace::cli {

namespace {

constexpr VerbSyntax kVersionSyntax{
    .name = "version", .summary = "show the version", .most_positionals = 0};
constexpr VerbSyntax kHelpSyntax{
    .name = "help", .operands = "[VERB]", .summary = "show the help of all, or of one verb"};

int end_with(ExitCode code, int descriptor, std::string_view text) {
  return write_all(descriptor, text) == WriteResult::failed ? to_int(ExitCode::not_written)
                                                            : to_int(code);
}

int refuse(const Process& process, const std::string& sentence) {
  return end_with(ExitCode::usage, process.err, sentence + "\n");
}

int run_request(const ParsedFlags& flags, Process& process) {
  auto options = to_get_options(flags);
  if (const auto* error = options.if_error()) return refuse(process, error->message);
  return options->repeat.is_run() ? run_load(*options, process) : run_get(*options, process);
}

int run_version(const ParsedFlags&, Process& process) {
  return end_with(ExitCode::done, process.out, "xtrace " XTRACE_VERSION "\n");
}

int run_help(const ParsedFlags& flags, Process& process);

// After `get` and its sisters (request_verbs.h), in the order of the help.
constexpr auto kVerbs = std::to_array<Verb>({{&kCheckSyntax, run_check},
                                             {&kEmitSyntax, run_emit},
                                             {&kListenSyntax, run_listen},
                                             {&kShowSyntax, run_show},
                                             {&kConvertSyntax, run_convert},
                                             {&kExecSyntax, run_exec},
                                             {&kSpanBeginSyntax, run_span_begin},
                                             {&kSpanNoteSyntax, run_span_note},
                                             {&kSpanEndSyntax, run_span_end},
                                             {&kSpanHeaderSyntax, run_span_header},
                                             {&kIdSyntax, run_id},
                                             {&kCompletionSyntax, run_completion},
                                             {&kVersionSyntax, run_version},
                                             {&kHelpSyntax, run_help}});

/// `example.com`, `localhost`, `http://...` are meant as URLs; a bare word is meant as a verb.
bool looks_like_url(std::string_view text) {
  return text == "localhost" || text.find_first_of(".:/") != std::string_view::npos;
}

/// The second words of the family's verbs, `begin, note or end`; empty where it is none.
std::string list_family(std::string_view family) {
  std::vector<std::string_view> members;
  for (const Verb& verb : verb_table()) {
    const std::string_view name = verb.syntax->name;
    if (name.size() > family.size() && name.starts_with(family) && name[family.size()] == ' ') {
      members.push_back(name.substr(family.size() + 1));
    }
  }
  std::string list;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i != 0) list += i + 1 == members.size() ? " or " : ", ";
    list += members[i];
  }
  return list;
}

int refuse_verb(const Process& process, std::string_view word) {
  const std::string sentence = "xtrace knows no verb " + std::string(word);
  const auto edits = [word](const Verb& verb) { return edit_distance(word, verb.syntax->name); };
  const std::vector<Verb> verbs = verb_table();
  const Verb& nearest = *std::ranges::min_element(verbs, {}, edits);
  if (edits(nearest) * 2 > word.size()) {
    return refuse(process, sentence + "; xtrace --help lists them all");
  }
  return refuse(process, sentence + "; did you mean " + std::string(nearest.syntax->name) + "?");
}

int run_verb(const Verb& verb, std::span<const std::string_view> arguments, Process& process) {
  auto flags = parse_flags(*verb.syntax, arguments);
  if (const auto* error = flags.if_error()) return refuse(process, error->message);
  if (const auto help = flags->help(); help != ParsedFlags::Help::none) {
    return end_with(ExitCode::done, process.out, verb_help(*verb.syntax, help));
  }
  if (const auto added = add_configuration(*flags, process); !added) {
    return refuse(process, added.error().message);
  }
  return verb.run(*flags, process);
}

int run_help(const ParsedFlags& flags, Process& process) {
  const auto& words = flags.positionals();
  if (words.empty()) return end_with(ExitCode::done, process.out, whole_help());
  std::string name = words.front();
  for (std::size_t i = 1; i < words.size(); ++i) name += " " + words[i];
  if (const auto verb = find_verb(name)) {
    return end_with(ExitCode::done, process.out,
                    verb_help(*verb->syntax, ParsedFlags::Help::whole));
  }
  if (words.size() == 1 && !list_family(name).empty()) {
    return end_with(ExitCode::done, process.out, family_help(name));
  }
  return refuse_verb(process, name);
}

/// `span begin ...`: two words that name one verb. `span` alone, or with `--help`, is helped on.
int run_family(std::string_view family, std::span<const std::string_view> rest,
               const std::string& members, Process& process) {
  if (rest.empty() || rest.front().starts_with('-')) {
    const bool asks = !rest.empty() && (rest.front() == "-h" || rest.front() == "--help");
    if (asks) return end_with(ExitCode::done, process.out, family_help(family));
    return refuse(process, "xtrace " + std::string(family) + " needs one of " + members);
  }
  const std::string name = std::string(family) + " " + std::string(rest.front());
  if (const auto verb = find_verb(name)) return run_verb(*verb, rest.subspan(1), process);
  return refuse(process, "xtrace " + std::string(family) + " knows no " +
                             std::string(rest.front()) + ", only " + members);
}

}  // namespace

std::vector<Verb> verb_table() {
  std::vector<Verb> verbs;
  for (const VerbSyntax& syntax : request_verbs()) verbs.push_back({&syntax, run_request});
  verbs.insert(verbs.end(), kVerbs.begin(), kVerbs.end());
  return verbs;
}

std::optional<Verb> find_verb(std::string_view name) {
  if (const VerbSyntax* syntax = find_request_verb(name)) return Verb{syntax, run_request};
  const auto* verb =
      std::ranges::find_if(kVerbs, [name](const Verb& row) { return row.syntax->name == name; });
  return verb == kVerbs.end() ? std::nullopt : std::optional(*verb);
}

int run_command_line(std::span<const std::string_view> arguments, Process& process) {
  if (arguments.empty()) return end_with(ExitCode::done, process.out, short_help());
  const std::string_view first = arguments.front();
  const auto rest = arguments.subspan(1);
  if (first == "-h" && rest.empty()) return end_with(ExitCode::done, process.out, short_help());
  if (first == "--help" && rest.empty()) return end_with(ExitCode::done, process.out, whole_help());
  if (first == "--version" || first == "-V")
    return run_verb({&kVersionSyntax, run_version}, {}, process);
  if (const auto verb = find_verb(first)) return run_verb(*verb, rest, process);
  if (const std::string members = list_family(first); !members.empty()) {
    return run_family(first, rest, members, process);
  }
  if (!first.starts_with('-') && !looks_like_url(first)) return refuse_verb(process, first);
  return run_verb(*find_verb("get"), arguments, process);
}

}  // namespace xtrace::cli
