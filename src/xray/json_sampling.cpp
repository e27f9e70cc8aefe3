#include <algorithm>
#include <chrono>
#include <cmath>
#include <span>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/json_writer.h"
#include "xray/central_rules.h"
#include "xray/json_reading.h"
#include "xray/text.h"

namespace xtrace {

namespace {

Error refuse_reply(std::string_view reply, std::string_view reason) {
  std::string message = "read the reply of ";
  message += reply;
  message += ": ";
  message += reason;
  return {Error::Code::invalid_reply, Phase::none, std::move(message)};
}

/// The reply as an object that has the array `key`.
Expected<Json> read_reply(std::string_view json, std::string_view call, const char* key) {
  Expected<Json> reply = read_json(json, RepeatedKeys::last_wins);
  if (const Error* error = reply.if_error()) return refuse_reply(call, error->message);
  if (!reply->is_object() || !reply->contains(key)) {
    return refuse_reply(call, "there is no " + std::string{key});
  }
  const Json* member = find_member(*reply, key);
  if (member != nullptr && !member->is_array()) {
    return refuse_reply(call, std::string{key} + " is not an array");
  }
  return reply;
}

/// The elements of an array that may be missing.
std::span<const Json> elements_of(const Json* array) {
  if (array == nullptr || !array->is_array()) return {};
  const auto& elements = array->get_ref<const Json::array_t&>();
  return {elements.data(), elements.size()};
}

/// `ignored rule "shop": ` or `ignored a rule without a name: `.
std::string ignored(std::string_view what, std::string_view name, std::string_view reason) {
  std::string sentence = "ignored ";
  if (name.empty()) {
    sentence += "a ";
    sentence += what;
    sentence += " without a name";
  } else {
    sentence += what;
    sentence += " \"";
    append_shown(sentence, name);
    sentence += '"';
  }
  sentence += ": ";
  sentence += reason;
  return sentence;
}

bool is_rate(const std::optional<double>& rate) {
  return rate && *rate >= 0 && *rate <= 1;
}

std::string_view name_of(const Json& json) {
  return text_of(find_member(json, "RuleName")).value_or("");
}

/// Why no rule or target of this name can be used; empty where one can.
std::string_view reason_against_name(std::string_view name) {
  if (name.empty()) return "RuleName is missing";
  return name.size() > RuleName::kMaxLength ? "RuleName is longer than 32 bytes" : "";
}

/// Why this client cannot apply the rule; empty where it can.
std::string_view reason_against(const Json& rule) {
  const std::string_view name = name_of(rule);
  if (const std::string_view reason = reason_against_name(name); !reason.empty()) return reason;
  if (count_of(find_member(rule, "Version")) != 1U) return "Version is not 1";
  if (text_of(find_member(rule, "ResourceARN")).value_or("*") != "*") return "ResourceARN is not *";
  const Json* attributes = find_member(rule, "Attributes");
  if (attributes != nullptr && !attributes->empty()) return "it asks for Attributes";
  if (!is_rate(number_of(find_member(rule, "FixedRate")))) return "FixedRate is not from 0 to 1";
  if (!count_of(find_member(rule, "ReservoirSize"))) return "ReservoirSize is not from 0 on";
  if (name == "Default") return {};
  if (count_of(find_member(rule, "Priority")).value_or(0) == 0) return "Priority is not from 1 on";
  for (const char* key : {"ServiceName", "ServiceType", "Host", "HTTPMethod", "URLPath"}) {
    if (!text_of(find_member(rule, key))) return "a pattern is missing";
  }
  return {};
}

/// Of a rule that nothing speaks against.
CentralRule rule_of(const Json& json) {
  CentralRule rule{.name = RuleName(name_of(json)),
                   .fixed_rate = *number_of(find_member(json, "FixedRate")),
                   .reservoir_size = *count_of(find_member(json, "ReservoirSize"))};
  if (rule.is_default()) return rule;
  const auto pattern = [&json](const char* key) {
    return std::string{*text_of(find_member(json, key))};
  };
  constexpr std::uint64_t kLowest = 0xFFFFFFFF;
  rule.priority =
      static_cast<std::uint32_t>(std::min(*count_of(find_member(json, "Priority")), kLowest));
  rule.service_name = pattern("ServiceName");
  rule.service_type = pattern("ServiceType");
  rule.host = pattern("Host");
  rule.http_method = pattern("HTTPMethod");
  rule.url_path = pattern("URLPath");
  return rule;
}

/// Epoch seconds, possibly fractional, as far as a clock can show them.
std::optional<WallTime> time_of(const Json* value) {
  const std::optional<double> seconds = number_of(value);
  constexpr double kLast = 9e9;
  if (!seconds || *seconds < 0 || *seconds > kLast) return std::nullopt;
  const double whole = std::floor(*seconds);
  const std::chrono::duration<double> rest(*seconds - whole);
  return WallTime{std::chrono::seconds(static_cast<std::int64_t>(whole))} +
         std::chrono::duration_cast<WallTime::duration>(rest);
}

std::optional<Duration> interval_of(const Json* value) {
  const std::optional<std::uint64_t> seconds = count_of(value);
  constexpr std::uint64_t kLongest = 24 * 60 * 60;
  if (!seconds || *seconds == 0 || *seconds > kLongest) return std::nullopt;
  return std::chrono::seconds(*seconds);
}

}  // namespace

Expected<RulesReply> parse_rules_reply(std::string_view json) {
  const char* key = "SamplingRuleRecords";
  const Expected<Json> reply = read_reply(json, "GetSamplingRules", key);
  if (const Error* error = reply.if_error()) return *error;
  RulesReply result;
  for (const Json& record : elements_of(find_member(*reply, key))) {
    const Json* rule = find_member(record, "SamplingRule");
    if (rule == nullptr) {
      result.ignored.push_back(ignored("rule", {}, "SamplingRule is missing"));
    } else if (const std::string_view reason = reason_against(*rule); !reason.empty()) {
      result.ignored.push_back(ignored("rule", name_of(*rule), reason));
    } else {
      result.rules.push_back(rule_of(*rule));
    }
  }
  result.next_token = text_of(find_member(*reply, "NextToken")).value_or("");
  return result;
}

Expected<TargetsReply> parse_targets_reply(std::string_view json) {
  const char* key = "SamplingTargetDocuments";
  const Expected<Json> reply = read_reply(json, "SamplingTargets", key);
  if (const Error* error = reply.if_error()) return *error;
  TargetsReply result;
  for (const Json& target : elements_of(find_member(*reply, key))) {
    const std::string_view name = name_of(target);
    const std::optional<double> rate = number_of(find_member(target, "FixedRate"));
    std::string_view reason = reason_against_name(name);
    if (reason.empty() && !is_rate(rate)) reason = "FixedRate is not from 0 to 1";
    if (!reason.empty()) {
      result.ignored.push_back(ignored("target", name, reason));
      continue;
    }
    result.targets.push_back({.rule = RuleName(name),
                              .fixed_rate = *rate,
                              .quota = count_of(find_member(target, "ReservoirQuota")),
                              .quota_until = time_of(find_member(target, "ReservoirQuotaTTL")),
                              .interval = interval_of(find_member(target, "Interval"))});
  }
  result.last_modified = time_of(find_member(*reply, "LastRuleModification"));
  for (const Json& each : elements_of(find_member(*reply, "UnprocessedStatistics"))) {
    const auto text = [&each](const char* member) {
      return std::string{text_of(find_member(each, member)).value_or("")};
    };
    result.unprocessed.push_back({RuleName(name_of(each)), text("ErrorCode"), text("Message")});
  }
  return result;
}

std::string write_rules_request(std::string_view next_token) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  if (!next_token.empty()) {
    json.key("NextToken");
    json.string(next_token);
  }
  json.end_object();
  return out;
}

std::string write_targets_request(std::span<const SamplingStatistics> statistics,
                                  std::string_view client_id, WallTime now) {
  const auto second = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("SamplingStatisticsDocuments");
  json.begin_array();
  for (const SamplingStatistics& each : statistics) {
    json.begin_object();
    json.key("BorrowCount");
    json.unsigned_integer(each.borrowed);
    json.key("ClientID");
    json.string(client_id);
    json.key("RequestCount");
    json.unsigned_integer(each.requests);
    json.key("RuleName");
    json.string(each.rule.text());
    json.key("SampledCount");
    json.unsigned_integer(each.sampled);
    json.key("Timestamp");
    json.integer(second);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return out;
}

}  // namespace xtrace
