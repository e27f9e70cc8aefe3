#include "cli/configuration.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "cli/option_values.h"
#include "cli/verbs.h"

namespace xtrace::cli {

namespace {

using FileKind = ConfigFile::Kind;

Error bad_setting(std::string message) {
  return {Error::Code::invalid_config, Phase::none, std::move(message)};
}

std::string_view read_variable(const Environment& environment, const char* name) {
  const char* value = environment ? environment(name) : nullptr;
  return value == nullptr ? std::string_view() : std::string_view(value);
}

std::string user_path(const Environment& environment) {
  const std::string_view base = read_variable(environment, "XDG_CONFIG_HOME");
  if (base.starts_with('/')) return std::string(base) + "/xtrace/config";
  const std::string_view home = read_variable(environment, "HOME");
  return home.empty() ? std::string() : std::string(home) + "/.config/xtrace/config";
}

const FlagRow* find_own(const VerbSyntax& syntax, std::string_view name) {
  const auto row = std::ranges::find(syntax.flags, name, &FlagRow::name);
  return row == syntax.flags.end() ? nullptr : &*row;
}

/// What a name means to the verbs that a line speaks to.
struct Meaning {
  bool has_verb = false;
  bool is_settable = false;
  bool is_known = false;
  std::string nearest{};
};

Meaning ask_verbs(const ConfigLine& line) {
  Meaning meaning;
  for (const Verb& verb : verb_table()) {
    if (!line.section.empty() && verb.syntax->family() != line.section) continue;
    meaning.has_verb = true;
    const FlagRow* row = find_flag(*verb.syntax, line.name);
    meaning.is_known = meaning.is_known || row != nullptr;
    meaning.is_settable = meaning.is_settable || (row != nullptr && row->files != FileUse::never);
    const FlagRow* near = nearest_flag(*verb.syntax, line.name);
    if (meaning.nearest.empty() && near != nullptr) meaning.nearest = near->name;
  }
  return meaning;
}

/// A line that does not speak to this verb must speak to another one.
Expected<void> check_name(const ConfigLine& line) {
  const Meaning meaning = ask_verbs(line);
  if (meaning.is_settable) return {};
  if (!meaning.has_verb) return bad_setting("there is no verb " + line.section);
  if (meaning.is_known) return bad_setting(line.name + " is for the command line, not for a file");
  const std::string who = line.section.empty() ? "no verb" : line.section;
  const std::string sentence =
      line.section.empty() ? "no verb knows a flag " : "the verb " + who + " knows no flag ";
  if (meaning.nearest.empty()) return bad_setting(sentence + line.name);
  return bad_setting(sentence + line.name + "; did you mean " + meaning.nearest + "?");
}

/// Where documents may go by a project's word: nowhere, or to a daemon on this machine.
bool stays_here(const std::string& value) {
  if (value == "none") return true;
  const auto target = parse_emit_target(value);
  if (!target || target->endpoint.host.empty()) return false;
  const bool is_daemon = value.starts_with("udp:") || value.starts_with("tcp:");
  const std::string& host = target->endpoint.host;
  // 127.0.0.1.example.com is somebody else's.
  const bool is_numeric = host.find_first_not_of("0123456789.") == std::string::npos;
  const bool is_loopback = host == "::1" || (is_numeric && host.starts_with("127."));
  return is_daemon && (host == "localhost" || is_loopback);
}

Expected<void> check_project(const FlagRow& row, const std::string& value) {
  if (row.files == FileUse::project) return {};
  if (row.files == FileUse::project_local) {
    if (stays_here(value)) return {};
    return bad_setting(
        std::string(row.name) +
        " in a project's file is none or a daemon on this machine; for more there are "
        "flags and your own file");
  }
  return bad_setting("a project's file may not set " + std::string(row.name) +
                     "; flags and your own file may");
}

Expected<std::string> read_value(const FlagRow& row, const ConfigLine& line) {
  if (row.takes_value()) {
    if (line.value) return *line.value;
    return bad_setting(line.name + " needs a value: " + line.name + " = " +
                       std::string(row.argument));
  }
  const std::string value = line.value.value_or("true");
  if (value == "true") return std::string();
  if (value == "false") return value;
  return bad_setting(line.name + " takes no value but true or false");
}

Expected<std::optional<Setting>> apply_line(const VerbSyntax& syntax, FileKind kind,
                                            const ConfigLine& line) {
  const bool is_for_all = line.section.empty();
  const FlagRow* row =
      is_for_all || line.section == syntax.family() ? find_own(syntax, line.name) : nullptr;
  if (row == nullptr || row->files == FileUse::never) {
    if (auto known = check_name(line); !known) return std::move(known).error();
    return std::optional<Setting>();
  }
  auto value = read_value(*row, line);
  if (const auto* error = value.if_error()) return *error;
  if (kind == FileKind::project) {
    if (auto allowed = check_project(*row, *value); !allowed) return std::move(allowed).error();
  }
  return std::optional(Setting{.row = row, .value = std::move(value).value()});
}

}  // namespace

Expected<Configuration> read_configuration(std::string_view choice, const Process& process) {
  if (choice.empty()) choice = read_variable(process.environment, "XTRACE_CONFIG");
  Configuration configuration;
  if (choice == "none") return configuration;
  const auto add = [&configuration](FileKind kind, std::string path) -> Expected<void> {
    auto file = read_config_file(kind, std::move(path));
    if (const auto* error = file.if_error()) return *error;
    configuration.files.push_back(std::move(file).value());
    return {};
  };
  if (!choice.empty()) {
    if (auto added = add(FileKind::named, std::string(choice)); !added) {
      return std::move(added).error();
    }
    return configuration;
  }
  if (std::string path = user_path(process.environment); !path.empty()) {
    if (auto added = add(FileKind::user, std::move(path)); !added) return std::move(added).error();
  }
  const std::string_view home = read_variable(process.environment, "HOME");
  if (std::string path = find_project_file(process.directory, home); !path.empty()) {
    if (auto added = add(FileKind::project, std::move(path)); !added)
      return std::move(added).error();
  }
  return configuration;
}

Expected<std::vector<ConfiguredSetting>> configure_verb(const VerbSyntax& syntax,
                                                        const Configuration& configuration,
                                                        const Environment& environment) {
  std::vector<ConfiguredSetting> settings;
  for (const ConfigFile& file : configuration.files) {
    for (const ConfigLine& line : file.lines) {
      const std::string origin = file.path + ":" + std::to_string(line.number);
      auto setting = apply_line(syntax, file.kind, line);
      if (const auto* error = setting.if_error()) return error->with_prefix(origin);
      if (!*setting) continue;
      (*setting)->origin = origin;
      std::string variable = find_variable((*setting)->row->variables, environment);
      settings.push_back({.setting = std::move(**setting), .overridden_by = std::move(variable)});
    }
  }
  return settings;
}

Expected<void> add_configuration(ParsedFlags& flags, const Process& process) {
  const VerbSyntax& syntax = flags.syntax();
  const auto is_settable = [](const FlagRow& row) { return row.files != FileUse::never; };
  if (std::ranges::none_of(syntax.flags, is_settable)) return {};
  auto configuration = read_configuration(flags.value("config").value_or(""), process);
  if (const auto* error = configuration.if_error()) return *error;
  auto configured = configure_verb(syntax, *configuration, process.environment);
  if (const auto* error = configured.if_error()) return *error;
  std::vector<Setting> settings;
  for (ConfiguredSetting& entry : *configured) {
    if (entry.overridden_by.empty()) settings.push_back(std::move(entry.setting));
  }
  flags.add_beneath(std::move(settings));
  return {};
}

std::string find_variable(std::string_view names, const Environment& environment) {
  while (!names.empty()) {
    const auto blank = names.find(' ');
    std::string name{names.substr(0, blank)};
    names = blank == std::string_view::npos ? std::string_view() : names.substr(blank + 1);
    if (!read_variable(environment, name.c_str()).empty()) return name;
  }
  return {};
}

}  // namespace xtrace::cli
