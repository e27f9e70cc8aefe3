#include <cstdlib>
#include <utility>

#include <xtrace/tracer.h>

#include "base/ascii.h"
#include "xray/json_accept.h"
#include "xray/text.h"

namespace xtrace {

namespace {

Error invalid_setting(std::string_view object, std::string_view reason) {
  std::string message = "configure the tracer: ";
  message += object;
  message += ": ";
  message += reason;
  return {Error::Code::invalid_config, Phase::none, std::move(message)};
}

/// The variable's value; empty where it is not set.
std::string_view value_of(const EnvironmentLookup& environment, const char* name) {
  const char* value = environment ? environment(name) : std::getenv(name);
  return value == nullptr ? std::string_view{} : trim(value);
}

Error not_understood(std::string_view variable, std::string_view value, std::string_view allowed) {
  std::string object{variable};
  object += " is \"";
  append_shown(object, value);
  object += '"';
  std::string reason = "it must be ";
  reason += allowed;
  return invalid_setting(object, reason);
}

bool is_word(std::string_view value, std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) {
    if (same_word(value, word)) return true;
  }
  return false;
}

Expected<bool> read_switch(const EnvironmentLookup& environment, const char* name, bool otherwise) {
  const std::string_view value = value_of(environment, name);
  if (value.empty()) return otherwise;
  if (is_word(value, {"true", "t", "yes", "y", "on", "1"})) return true;
  if (is_word(value, {"false", "f", "no", "n", "off", "0"})) return false;
  return not_understood(name, value, "true or false");
}

Expected<void> read_switches(TracerConfig& config, const EnvironmentLookup& environment) {
  const auto disabled = read_switch(environment, "AWS_XRAY_SDK_DISABLED", config.is_disabled);
  if (const Error* error = disabled.if_error()) return *error;
  const auto enabled = read_switch(environment, "AWS_XRAY_SDK_ENABLED", !*disabled);
  if (const Error* error = enabled.if_error()) return *error;
  // Two variables for one switch, of two SDKs: whichever says off. Either wins over the code.
  const bool is_set = !value_of(environment, "AWS_XRAY_SDK_DISABLED").empty();
  config.is_disabled = !*enabled || (is_set && *disabled);
  const auto noop = read_switch(environment, "AWS_XRAY_NOOP_ID", !config.has_real_unsampled_ids);
  if (const Error* error = noop.if_error()) return *error;
  config.has_real_unsampled_ids = !*noop;
  return {};
}

Expected<void> read_context_missing(TracerConfig& config, const EnvironmentLookup& environment) {
  constexpr const char* kVariable = "AWS_XRAY_CONTEXT_MISSING";
  const std::string_view value = value_of(environment, kVariable);
  if (value.empty()) return {};
  if (same_word(value, "LOG_ERROR")) {
    config.context_missing = ContextMissing::log_error;
  } else if (same_word(value, "IGNORE_ERROR")) {
    config.context_missing = ContextMissing::ignore;
  } else if (same_word(value, "RUNTIME_ERROR")) {
    config.context_missing = ContextMissing::runtime_error;
  } else {
    return not_understood(kVariable, value, "LOG_ERROR, IGNORE_ERROR or RUNTIME_ERROR");
  }
  return {};
}

Expected<DaemonAddress> read_address(const TracerConfig& config,
                                     const EnvironmentLookup& environment) {
  constexpr const char* kVariable = "AWS_XRAY_DAEMON_ADDRESS";
  const std::string_view value = value_of(environment, kVariable);
  const bool is_set = !value.empty();
  const auto address = parse_daemon_address(is_set ? value : config.daemon_address);
  if (address) return *address;
  return invalid_setting(is_set ? kVariable : "daemon_address", address.if_error()->message);
}

Expected<void> check(const TracerConfig& config) {
  if (config.name.empty()) return invalid_setting("name", "it is empty");
  constexpr std::size_t kLeastBytes = 1024;
  if (config.limits.bytes < kLeastBytes || config.limits.bytes > kMaxDocument) {
    return invalid_setting("limits.bytes",
                           "it must be from 1024 to 65477, what a datagram carries");
  }
  if (config.close_limit < Duration::zero())
    return invalid_setting("close_limit", "it is negative");
  for (const AwsBlock& block : config.environment.aws) {
    if (!is_json(block.json))
      return invalid_setting("environment.aws \"" + block.key + '"', "it is no JSON");
  }
  return {};
}

}  // namespace

Expected<FinalizedTracerConfig> finalize_config(TracerConfig config,
                                                const EnvironmentLookup& environment) {
  const std::string_view name = value_of(environment, "AWS_XRAY_TRACING_NAME");
  if (!name.empty()) config.name = name;
  if (auto read = read_switches(config, environment); !read) return read.error();
  if (auto read = read_context_missing(config, environment); !read) return read.error();
  const Expected<DaemonAddress> address = read_address(config, environment);
  if (const Error* error = address.if_error()) return *error;
  if (auto checked = check(config); !checked) return checked.error();
  for (AwsBlock& block : config.environment.aws) block.json = without_line_ends(block.json);
  FinalizedTracerConfig finalized;
  finalized.values_ = std::move(config);
  finalized.daemon_ = *address;
  return finalized;
}

}  // namespace xtrace
