#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <limits>
#include <memory>
#include <span>
#include <utility>

#include <nlohmann/json.hpp>

#include <xtrace/sampler.h>

#include "base/system_reason.h"
#include "xray/json_reading.h"
#include "xray/text.h"

namespace xtrace {

namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 20U;
constexpr std::string_view kHostKey = "host";
constexpr std::string_view kHostKeyOfVersion1 = "service_name";

Error refuse_manifest(std::string_view where, std::string_view what) {
  std::string message{where};
  message += what;
  return {Error::Code::invalid_config, Phase::none, std::move(message)};
}

/// Reads the members of one rule, and keeps the first complaint.
class RuleReader {
 public:
  RuleReader(const Json& rule, std::string name) : rule_(rule), where_(std::move(name)) {}

  const std::string* complaint() const { return complaint_.empty() ? nullptr : &complaint_; }
  Error error() const { return refuse_manifest(where_, complaint_); }

  void expect_object() {
    if (!rule_.is_object()) complain(" is not an object");
  }

  void allow_keys(std::span<const std::string_view> allowed) {
    const auto is_allowed = [&allowed](std::string_view key) {
      return std::ranges::find(allowed, key) != allowed.end();
    };
    for (const auto& [key, value] : rule_.items()) {
      if (is_allowed(key)) continue;
      std::string sentence = ": unknown key \"";
      append_shown(sentence, key);
      sentence += '"';
      if (key == kHostKey && is_allowed(kHostKeyOfVersion1)) {
        sentence += "; version 1 calls it service_name";
      } else if (key == kHostKeyOfVersion1 && is_allowed(kHostKey)) {
        sentence += "; version 2 calls it host";
      }
      complain(sentence);
    }
  }

  std::string read_pattern(std::string_view key) {
    const Json* member = require(key);
    const std::optional<std::string_view> text = text_of(member);
    if (member != nullptr && !text) complain_of(key, "is not a string");
    if (text && text->empty()) complain_of(key, "is empty; \"*\" matches everything");
    return std::string{text.value_or("")};
  }

  std::string read_description() {
    const Json* member = find_member(rule_, "description");
    const std::optional<std::string_view> text = text_of(member);
    if (member != nullptr && !text) complain_of("description", "is not a string");
    return std::string{text.value_or("")};
  }

  std::uint32_t read_fixed_target() {
    const Json* member = require("fixed_target");
    const std::optional<std::uint64_t> count = count_of(member);
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
    if (count && *count <= kMost) return static_cast<std::uint32_t>(*count);
    if (member != nullptr) {
      complain_of("fixed_target", "is " + shown(*member) + ", not a whole number from 0 on");
    }
    return 0;
  }

  double read_rate() {
    const Json* member = require("rate");
    const std::optional<double> rate = number_of(member);
    if (rate && *rate >= 0 && *rate <= 1) return *rate;
    if (member != nullptr) {
      complain_of("rate", "is " + shown(*member) + ", not a number from 0 to 1");
    }
    return 0;
  }

 private:
  static std::string shown(const Json& value) {
    return value.is_number() ? value.dump() : std::string("of type ") + value.type_name();
  }

  const Json* require(std::string_view key) {
    const Json* member = find_member(rule_, std::string{key}.c_str());
    if (member == nullptr) complain_of(key, "is missing");
    return member;
  }

  void complain(std::string_view what) {
    if (complaint_.empty()) complaint_ = what;
  }

  void complain_of(std::string_view key, std::string_view what) {
    std::string sentence = ": ";
    sentence += key;
    sentence += ' ';
    sentence += what;
    complain(sentence);
  }

  const Json& rule_;
  std::string where_;
  std::string complaint_;
};

Expected<LocalRule> read_default_rule(const Json& json) {
  RuleReader reader(json, "the default rule");
  reader.expect_object();
  constexpr std::string_view kKeys[] = {"fixed_target", "rate"};
  reader.allow_keys(kKeys);
  LocalRule rule{.fixed_target = reader.read_fixed_target(), .rate = reader.read_rate()};
  if (reader.complaint() != nullptr) return reader.error();
  return rule;
}

/// `number` counts from 1.
Expected<LocalRule> read_rule(const Json& json, std::size_t number, std::string_view host_key) {
  RuleReader reader(json, "rule " + std::to_string(number));
  reader.expect_object();
  const std::string_view keys[] = {"description", host_key,       "http_method",
                                   "url_path",    "fixed_target", "rate"};
  reader.allow_keys(keys);
  LocalRule rule{.description = reader.read_description(),
                 .host = reader.read_pattern(host_key),
                 .http_method = reader.read_pattern("http_method"),
                 .url_path = reader.read_pattern("url_path"),
                 .fixed_target = reader.read_fixed_target(),
                 .rate = reader.read_rate()};
  if (reader.complaint() != nullptr) return reader.error();
  return rule;
}

/// The key that means the host, by the manifest's version.
Expected<std::string_view> read_version(const Json& manifest) {
  const Json* member = find_member(manifest, "version");
  if (member == nullptr) return refuse_manifest({}, "version is missing; it is 1 or 2");
  const std::optional<std::uint64_t> version = count_of(member);
  if (version == 1U) return kHostKeyOfVersion1;
  if (version == 2U) return kHostKey;
  return refuse_manifest({}, "version is neither 1 nor 2");
}

Expected<std::vector<LocalRule>> read_rules(const Json& manifest, std::string_view host_key) {
  std::vector<LocalRule> rules;
  const Json* member = find_member(manifest, "rules");
  if (member == nullptr) return rules;
  if (!member->is_array()) return refuse_manifest({}, "rules is not an array");
  for (const Json& json : *member) {
    Expected<LocalRule> rule = read_rule(json, rules.size() + 1, host_key);
    if (const Error* error = rule.if_error()) return *error;
    rules.push_back(std::move(*rule));
  }
  return rules;
}

Expected<SamplingManifest> read_manifest(std::string_view json) {
  const Expected<Json> manifest = read_json(json, RepeatedKeys::refuse);
  if (const Error* error = manifest.if_error()) return *error;
  if (!manifest->is_object()) return refuse_manifest({}, "it is not an object");
  for (const auto& [key, value] : manifest->items()) {
    if (key == "version" || key == "default" || key == "rules") continue;
    std::string sentence = "unknown key \"";
    append_shown(sentence, key);
    return refuse_manifest(sentence, "\"");
  }
  const Expected<std::string_view> host_key = read_version(*manifest);
  if (const Error* error = host_key.if_error()) return *error;
  const Json* default_rule = find_member(*manifest, "default");
  if (default_rule == nullptr) return refuse_manifest({}, "the default rule is missing");
  Expected<LocalRule> last = read_default_rule(*default_rule);
  if (const Error* error = last.if_error()) return *error;
  Expected<std::vector<LocalRule>> rules = read_rules(*manifest, *host_key);
  if (const Error* error = rules.if_error()) return *error;
  return SamplingManifest{.default_rule = std::move(*last), .rules = std::move(*rules)};
}

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

Expected<std::string> read_file(const std::string& path) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rbe"));
  if (file == nullptr) return refuse_manifest({}, system_reason(errno));
  std::string text(kLargestFile + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) return refuse_manifest({}, system_reason(errno));
  if (text.size() > kLargestFile) return refuse_manifest({}, "it is larger than 1 MiB");
  return text;
}

}  // namespace

Expected<SamplingManifest> parse_sampling_manifest(std::string_view json) {
  Expected<SamplingManifest> manifest = read_manifest(json);
  if (const Error* error = manifest.if_error()) return error->with_prefix("sampling manifest");
  return manifest;
}

Expected<SamplingManifest> read_sampling_manifest(const std::string& path) {
  const std::string deed = "read sampling manifest " + path;
  const Expected<std::string> text = read_file(path);
  if (const Error* error = text.if_error()) return error->with_prefix(deed);
  Expected<SamplingManifest> manifest = read_manifest(*text);
  if (const Error* error = manifest.if_error()) return error->with_prefix(deed);
  return manifest;
}

}  // namespace xtrace
