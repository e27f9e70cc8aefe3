#include "cli/verbs.h"

#include <algorithm>
#include <array>

#include "cli/exit_code.h"
#include "cli/help.h"
#include "cli/option_table.h"
#include "cli/options.h"
#include "cli/verb_get.h"

namespace xtrace::cli {

namespace {

constexpr std::string_view kVersion = "xtrace " XTRACE_VERSION "\n";

constexpr auto kVerbs = std::to_array<Verb>({
    {"get", "get URL", "", true, "one traced request, every connection phase shown"},
    {"head", "head URL", "HEAD", true, "the same with HEAD"},
    {"post", "post URL", "POST", true, "the same with POST"},
    {"put", "put URL", "PUT", true, "the same with PUT"},
    {"patch", "patch URL", "PATCH", true, "the same with PATCH"},
    {"delete", "delete URL", "DELETE", true, "the same with DELETE"},
    {"options", "options URL", "OPTIONS", true, "the same with OPTIONS"},
    {"request", "request -X METHOD URL", "", true, "the same with any method"},
    {"version", "version", "", false, "show the version"},
    {"help", "help [VERB]", "", false, "show the whole help"},
});

constexpr auto kLaterVerbs = std::to_array<std::string_view>(
    {"check", "completion", "convert", "emit", "exec", "id", "listen", "show", "span"});

int end_with(ExitCode code, int descriptor, std::string_view text) {
  return write_all(descriptor, text) == WriteResult::failed ? to_int(ExitCode::not_written)
                                                            : to_int(code);
}

int refuse(const Process& process, const std::string& sentence) {
  return end_with(ExitCode::usage, process.err, sentence + "\n");
}

/// `example.com`, `localhost`, `http://...` are meant as URLs; a bare word is meant as a verb.
bool looks_like_url(std::string_view text) {
  return text == "localhost" || text.find_first_of(".:/") != std::string_view::npos;
}

int refuse_verb(const Process& process, std::string_view word) {
  const std::string sentence = "xtrace knows no verb " + std::string(word);
  if (std::ranges::find(kLaterVerbs, word) != kLaterVerbs.end()) {
    return refuse(process, sentence + " in this version");
  }
  const auto edits = [word](const Verb& verb) { return edit_distance(word, verb.name); };
  const Verb& nearest = *std::ranges::min_element(kVerbs, {}, edits);
  if (edits(nearest) * 2 > word.size()) {
    return refuse(process, sentence + "; xtrace --help lists them all");
  }
  return refuse(process, sentence + "; did you mean " + std::string(nearest.name) + "?");
}

int run_request(std::string_view verb, std::span<const std::string_view> arguments,
                Process& process) {
  auto options = parse_get_options(verb, arguments);
  if (const auto* error = options.if_error()) return refuse(process, error->message);
  switch (options->help) {
    case GetOptions::Help::brief:
      return end_with(ExitCode::done, process.out, short_help());
    case GetOptions::Help::whole:
      return end_with(ExitCode::done, process.out, whole_help());
    case GetOptions::Help::none:
      break;
  }
  return run_get(*options, process);
}

int run_help(std::span<const std::string_view> words, Process& process) {
  for (const std::string_view word : words) {
    const bool is_flag = word.starts_with('-');
    if (!is_flag && find_verb(word) == nullptr) return refuse_verb(process, word);
  }
  return end_with(ExitCode::done, process.out, whole_help());
}

}  // namespace

std::span<const Verb> verb_table() {
  return kVerbs;
}

const Verb* find_verb(std::string_view name) {
  const auto* verb = std::ranges::find(kVerbs, name, &Verb::name);
  return verb == kVerbs.end() ? nullptr : verb;
}

int run_command_line(std::span<const std::string_view> arguments, Process& process) {
  if (arguments.empty()) return end_with(ExitCode::done, process.out, short_help());
  const std::string_view first = arguments.front();
  const auto rest = arguments.subspan(1);
  if (first == "help") return run_help(rest, process);
  if (first == "version" || first == "--version" || first == "-V") {
    return end_with(ExitCode::done, process.out, kVersion);
  }
  if (const Verb* verb = find_verb(first); verb != nullptr)
    return run_request(first, rest, process);
  if (!first.starts_with('-') && !looks_like_url(first)) return refuse_verb(process, first);
  return run_request("get", arguments, process);
}

}  // namespace xtrace::cli
