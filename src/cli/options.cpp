#include "cli/options.h"

#include <utility>

#include "base/assert.h"
#include "cli/option_draft.h"
#include "cli/option_table.h"
#include "cli/request_verbs.h"

namespace xtrace::cli {

ClientConfig command_defaults() {
  ClientConfig config;
  config.name = "xtrace";
  config.timeouts.connect = std::chrono::minutes(5);  // as curl
  config.timeouts.tls = {};
  config.redirects.are_followed = false;
  config.decoding.is_on = false;
  return config;
}

Expected<GetOptions> to_get_options(const ParsedFlags& flags) {
  OptionDraft draft;
  draft.options.verb = flags.syntax().name;
  for (const Setting& setting : flags.settings()) {
    const auto id = option_id(*setting.row);
    if (!id) continue;
    auto applied = apply_option(draft, *id, setting.value);
    if (const auto* error = applied.if_error()) return flags.refuse(setting, error->message);
  }
  return finish_draft(std::move(draft), flags);
}

Expected<void> check_get_setting(const Setting& setting) {
  const auto id = option_id(*setting.row);
  if (!id) return {};
  OptionDraft draft;
  auto applied = apply_option(draft, *id, setting.value);
  if (const auto* error = applied.if_error()) {
    return ParsedFlags(*find_request_verb("get")).refuse(setting, error->message);
  }
  return {};
}

Expected<GetOptions> parse_get_options(std::string_view verb,
                                       std::span<const std::string_view> arguments) {
  const VerbSyntax* syntax = find_request_verb(verb);
  XTRACE_ASSERT(syntax != nullptr);
  auto flags = parse_flags(*syntax, arguments);
  if (const auto* error = flags.if_error()) return *error;
  return to_get_options(*flags);
}

}  // namespace xtrace::cli
