#include "cli/verb_check_settings.h"

#include <algorithm>
#include <array>
#include <utility>

#include "cli/common_flags.h"
#include "cli/options.h"
#include "cli/verbs.h"

namespace xtrace::cli {

namespace {

/// What people look for first, and what holds where nobody says anything.
struct KeySetting {
  std::string_view name;
  std::string_view variables;
  std::string_view fallback;
};
constexpr auto kKeys =
    std::to_array<KeySetting>({{"emit", kEmitFlag.variables, "udp://127.0.0.1:2000"},
                               {"name", kNameFlag.variables, "xtrace"},
                               {"trace-header", "_X_AMZN_TRACE_ID TRACEPARENT", "a new trace"},
                               {"cacert", "SSL_CERT_FILE", "the system's certificates"},
                               {"color", kColorFlag.variables, "auto"}});

std::string show_value(const FlagRow& row, const Setting& setting) {
  if (!row.takes_value()) return setting.value.empty() ? "true" : setting.value;
  return row.is_secret ? "***" : setting.value;
}

/// NO_COLOR=1 means never; every other variable is its setting's value.
std::string value_of_variable(const std::string& name, const Environment& environment) {
  if (name == "NO_COLOR") return "never";
  if (name == "FORCE_COLOR" || name == "CLICOLOR_FORCE") return "always";
  return environment(name.c_str());
}

const FlagRow* find_row(const ConfigLine& line) {
  for (const Verb& verb : verb_table()) {
    if (!line.section.empty() && verb.syntax->family() != line.section) continue;
    const FlagRow* row = find_flag(*verb.syntax, line.name);
    if (row != nullptr && row->files != FileUse::never) return row;
  }
  return nullptr;
}

class SettingsCollector {
 public:
  SettingsCollector(const ParsedFlags& flags, const Environment& environment)
      : flags_(flags), environment_(environment) {}

  void add_file(const ConfigFile& file) {
    for (const ConfigLine& line : file.lines) {
      const FlagRow* row = find_row(line);
      if (row == nullptr) continue;
      const std::string origin = file.path + ":" + std::to_string(line.number);
      if (!row->is_repeatable) override_earlier(line.section, line.name, origin);
      const Setting setting{.row = row, .value = line.value.value_or("")};
      settings_.push_back({.section = line.section,
                           .name = line.name,
                           .value = show_value(*row, setting),
                           .origin = origin,
                           .overridden_by = winner_over(*row)});
    }
  }

  /// What people look for first comes first.
  std::vector<SettingReport> finish() {
    std::vector<SettingReport> all;
    for (const KeySetting& key : kKeys) add_key(all, key);
    const auto is_key = [](const SettingReport& setting) {
      return std::ranges::find(kKeys, setting.name, &KeySetting::name) != kKeys.end();
    };
    for (const SettingReport& setting : settings_) {
      if (!is_key(setting)) all.push_back(setting);
    }
    return all;
  }

 private:
  /// Of the flags of `check` these two are other verbs' settings as well.
  bool is_typed(std::string_view name) const {
    if (name != kEmitFlag.name && name != kColorFlag.name) return false;
    const Setting* setting = flags_.find(name);
    return setting != nullptr && setting->origin.empty();
  }

  /// What is more important than any file.
  std::string winner_over(const FlagRow& row) const {
    if (is_typed(row.name)) return row.dashed();
    return find_variable(row.variables, environment_);
  }

  void override_earlier(const std::string& section, const std::string& name,
                        const std::string& origin) {
    for (SettingReport& earlier : settings_) {
      const bool is_same = earlier.section == section && earlier.name == name;
      if (is_same && earlier.overridden_by.empty()) earlier.overridden_by = origin;
    }
  }

  void add_key(std::vector<SettingReport>& all, const KeySetting& key) const {
    SettingReport report{.name = std::string(key.name)};
    const std::string variable = find_variable(key.variables, environment_);
    if (is_typed(key.name)) {
      report.value = flags_.value(key.name).value_or("");
      report.origin = "--" + report.name;
      all.push_back(report);
    }
    if (!variable.empty()) {
      report.value = value_of_variable(variable, environment_);
      report.overridden_by = report.origin;
      report.origin = variable;
      all.push_back(report);
    }
    bool is_decided = !report.origin.empty();
    for (const SettingReport& other : settings_) {
      if (other.name != key.name) continue;
      all.push_back(other);
      is_decided = is_decided || (other.section.empty() && other.overridden_by.empty());
    }
    if (is_decided) return;
    report.value = key.fallback;
    report.origin = "default";
    all.push_back(report);
  }

  const ParsedFlags& flags_;
  const Environment& environment_;
  std::vector<SettingReport> settings_;
};

}  // namespace

std::vector<SettingReport> collect_settings(const ParsedFlags& flags,
                                            const Configuration& configuration,
                                            const Environment& environment) {
  SettingsCollector collector(flags, environment);
  for (const ConfigFile& file : configuration.files) collector.add_file(file);
  return collector.finish();
}

Expected<void> check_values(const Configuration& configuration, const Environment& environment) {
  for (const Verb& verb : verb_table()) {
    auto configured = configure_verb(*verb.syntax, configuration, environment);
    if (const auto* error = configured.if_error()) return *error;
    if (verb.syntax->name != "get") continue;
    for (const ConfiguredSetting& entry : *configured) {
      if (auto checked = check_get_setting(entry.setting); !checked) return checked;
    }
  }
  return {};
}

}  // namespace xtrace::cli
