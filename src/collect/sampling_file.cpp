#include "collect/sampling_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include <xtrace/sampler.h>

#include "base/system_reason.h"
#include "base/utf8.h"
#include "collect/api_time.h"
#include "xray/json_reading.h"
#include "xray/text.h"

namespace xtrace::collect {

namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 20U;
constexpr std::size_t kLongestName = 32;
constexpr std::size_t kLongestPattern = 500;

Error refuse(std::string message) {
  return {Error::Code::invalid_config, Phase::none, std::move(message)};
}

/// Reads the members of one rule, and keeps the first complaint.
class RuleReader {
 public:
  explicit RuleReader(const Json& rule) : rule_(rule) {}

  const std::string& complaint() const { return complaint_; }

  std::string text(const char* key, std::string_view otherwise) {
    const Json* member = find_member(rule_, key);
    const std::optional<std::string_view> text = text_of(member);
    if (member != nullptr && !text) complain(key, "is no text");
    if (text && text->size() > kLongestPattern) complain(key, "is longer than 500 bytes");
    return std::string{text.value_or(otherwise)};
  }

  std::uint64_t count(const char* key, std::uint64_t otherwise) {
    const Json* member = find_member(rule_, key);
    const std::optional<std::uint64_t> count = count_of(member);
    if (member != nullptr && !count) complain(key, "is no whole number from 0 on");
    return count.value_or(otherwise);
  }

  double rate(const char* key) {
    const std::optional<double> rate = number_of(find_member(rule_, key));
    if (rate && *rate >= 0 && *rate <= 1) return *rate;
    complain(key, "is no number from 0 to 1");
    return 0;
  }

  std::map<std::string, std::string, std::less<>> attributes(const char* key) {
    std::map<std::string, std::string, std::less<>> attributes;
    const Json* member = find_member(rule_, key);
    if (member == nullptr) return attributes;
    if (!member->is_object()) {
      complain(key, "is no object");
      return attributes;
    }
    for (const auto& [name, value] : member->items()) {
      const std::optional<std::string_view> text = text_of(&value);
      if (!text) complain(key, "holds something that is no text");
      attributes.emplace(name, text.value_or(""));
    }
    return attributes;
  }

  void complain(std::string_view key, std::string_view what) {
    if (!complaint_.empty()) return;
    complaint_ = key;
    complaint_ += ' ';
    complaint_ += what;
  }

 private:
  const Json& rule_;
  std::string complaint_;
};

double time_of(const Json* value) {
  if (const std::optional<double> number = number_of(value)) return *number;
  const std::optional<std::string_view> text = text_of(value);
  return text ? parse_api_time(*text).value_or(0) : 0;
}

void complain_of_whole(RuleReader& reader, const SamplingRule& rule, std::uint64_t version) {
  if (rule.name.empty()) reader.complain("RuleName", "is missing");
  if (rule.name.size() > kLongestName) reader.complain("RuleName", "is longer than 32 bytes");
  if (version != 1) reader.complain("Version", "is not 1");
  const bool is_default = rule.name == "Default";
  if (!is_default && (rule.priority == 0 || rule.priority >= SamplingRule::kLastPriority)) {
    reader.complain("Priority", "is not from 1 to 9999");
  }
}

/// `json` is a rule, or a record of one. `number` counts from 1.
Expected<SamplingRule> read_rule(const Json& json, std::size_t number) {
  const Json* inner = find_member(json, "SamplingRule");
  const Json& source = inner != nullptr ? *inner : json;
  RuleReader reader(source);
  SamplingRule rule{.name = reader.text("RuleName", ""),
                    .arn = reader.text("RuleARN", ""),
                    .resource_arn = reader.text("ResourceARN", "*"),
                    .priority = reader.count("Priority", SamplingRule::kLastPriority),
                    .fixed_rate = reader.rate("FixedRate"),
                    .reservoir_size = reader.count("ReservoirSize", 0),
                    .service_name = reader.text("ServiceName", "*"),
                    .service_type = reader.text("ServiceType", "*"),
                    .host = reader.text("Host", "*"),
                    .http_method = reader.text("HTTPMethod", "*"),
                    .url_path = reader.text("URLPath", "*"),
                    .attributes = reader.attributes("Attributes"),
                    .created = time_of(find_member(json, "CreatedAt")),
                    .modified = time_of(find_member(json, "ModifiedAt"))};
  complain_of_whole(reader, rule, reader.count("Version", 1));
  if (rule.name == "Default") rule.priority = SamplingRule::kLastPriority;
  if (reader.complaint().empty()) return rule;
  std::string sentence = "rule " + std::to_string(number);
  if (!rule.name.empty()) {
    sentence += " (\"";
    append_shown(sentence, rule.name);
    sentence += "\")";
  }
  return refuse(sentence + ": " + reader.complaint());
}

Expected<std::vector<SamplingRule>> read_list(const Json& list) {
  std::vector<SamplingRule> rules;
  std::set<std::string, std::less<>> names;
  for (const Json& json : list) {
    Expected<SamplingRule> rule = read_rule(json, rules.size() + 1);
    if (const Error* error = rule.if_error()) return *error;
    if (!names.insert(rule->name).second) {
      std::string sentence = "rule " + std::to_string(rules.size() + 1) + " has the name \"";
      append_shown(sentence, rule->name);
      return refuse(sentence + "\" of an earlier one");
    }
    rules.push_back(std::move(*rule));
  }
  return rules;
}

/// A rule of a manifest matches by its place, and by no service's name: what version 1 calls
/// `service_name` is the host.
SamplingRule rule_of(const LocalRule& local, std::size_t number) {
  std::string name{utf8_prefix(local.description, kLongestName)};
  if (name.empty()) name = "rule " + std::to_string(number);
  return {.name = std::move(name),
          .priority = std::min<std::uint64_t>(number, SamplingRule::kLastPriority - 1),
          .fixed_rate = local.rate,
          .reservoir_size = local.fixed_target,
          .host = local.host,
          .http_method = local.http_method,
          .url_path = local.url_path};
}

Expected<std::vector<SamplingRule>> read_manifest(std::string_view json) {
  const Expected<SamplingManifest> manifest = parse_sampling_manifest(json);
  if (const Error* error = manifest.if_error()) return *error;
  std::vector<SamplingRule> rules;
  std::set<std::string, std::less<>> names{"Default"};
  for (const LocalRule& local : manifest->rules) {
    const std::size_t number = rules.size() + 1;
    rules.push_back(rule_of(local, number));
    // Two descriptions may begin alike, or be the reserved name.
    if (names.insert(rules.back().name).second) continue;
    rules.back().name = "rule " + std::to_string(number);
    names.insert(rules.back().name);
  }
  rules.push_back({.name = "Default",
                   .fixed_rate = manifest->default_rule.rate,
                   .reservoir_size = manifest->default_rule.fixed_target});
  return rules;
}

Expected<std::vector<SamplingRule>> read_any(std::string_view text) {
  const Expected<Json> json = read_json(text, RepeatedKeys::refuse);
  if (const Error* error = json.if_error()) return *error;
  if (json->is_array()) return read_list(*json);
  if (!json->is_object()) return refuse("it is neither an object nor a list");
  if (const Json* records = find_member(*json, "SamplingRuleRecords")) {
    if (records->is_array()) return read_list(*records);
    return refuse("SamplingRuleRecords is no list");
  }
  if (find_member(*json, "version") != nullptr) return read_manifest(text);
  return refuse(
      "it has neither SamplingRuleRecords, as the answer of GetSamplingRules, nor version, as a "
      "local manifest");
}

void put_in_order(std::vector<SamplingRule>& rules) {
  const auto is_default = [](const SamplingRule& rule) { return rule.name == "Default"; };
  if (std::ranges::none_of(rules, is_default)) {
    rules.push_back({.name = "Default", .fixed_rate = 0.05, .reservoir_size = 1});
  }
  std::ranges::sort(rules, {}, [](const SamplingRule& rule) {
    return std::pair<std::uint64_t, std::string_view>(rule.priority, rule.name);
  });
}

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

Expected<std::string> read_rules_file(const std::string& path) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rbe"));
  if (file == nullptr) return refuse(system_reason(errno));
  std::string text(kLargestFile + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) return refuse(system_reason(errno));
  if (text.size() > kLargestFile) return refuse("it is larger than 1 MiB");
  return text;
}

}  // namespace

std::vector<SamplingRule> rules_for_everything() {
  // The reservoir is no limit where the rate takes all; a size lets every client have a quota.
  return {{.name = "Default", .fixed_rate = 1, .reservoir_size = 10000}};
}

Expected<std::vector<SamplingRule>> parse_sampling_rules(std::string_view json) {
  Expected<std::vector<SamplingRule>> rules = read_any(json);
  if (rules) put_in_order(*rules);
  return rules;
}

Expected<std::vector<SamplingRule>> read_sampling_rules(const std::string& path) {
  const std::string deed = "read sampling rules " + path;
  const Expected<std::string> text = read_rules_file(path);
  if (const Error* error = text.if_error()) return error->with_prefix(deed);
  Expected<std::vector<SamplingRule>> rules = parse_sampling_rules(*text);
  if (const Error* error = rules.if_error()) return error->with_prefix(deed);
  return rules;
}

}  // namespace xtrace::collect
