#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "xray/central_rules.h"

namespace xtrace::central_replies_test {

namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

/// The record that the Go SDK's tests use.
constexpr std::string_view kReference = R"({
  "SamplingRuleRecords": [{
    "CreatedAt": 0, "ModifiedAt": 1649517389,
    "SamplingRule": {"Attributes": {}, "FixedRate": 0.5, "HTTPMethod": "*", "Host": "*",
      "Priority": 10000, "ReservoirSize": 60, "ResourceARN": "*",
      "RuleARN": "arn:aws:xray:us-west-2:123456789123:sampling-rule/Default",
      "RuleName": "Default", "ServiceName": "*", "ServiceType": "*", "URLPath": "*",
      "Version": 1}}],
  "NextToken": null})";

Json good_rule() {
  return {{"RuleName", "shop"},  {"Version", 1},        {"ResourceARN", "*"},
          {"Priority", 7},       {"FixedRate", 0.25},   {"ReservoirSize", 3},
          {"ServiceName", "s*"}, {"ServiceType", "t*"}, {"Host", "h*"},
          {"HTTPMethod", "m*"},  {"URLPath", "u*"},     {"Attributes", Json::object()}};
}

RulesReply read_rule(const Json& rule) {
  const Json reply = {{"SamplingRuleRecords", {{{"SamplingRule", rule}}}}};
  Expected<RulesReply> rules = parse_rules_reply(reply.dump());
  REQUIRE(rules.has_value());
  return *std::move(rules);
}

/// Why a rule with this member is ignored.
std::string ignored_with(const char* key, const Json& value) {
  Json rule = good_rule();
  rule[key] = value;
  const RulesReply reply = read_rule(rule);
  CHECK(reply.rules.empty());
  return reply.ignored.size() == 1 ? reply.ignored[0] : "not ignored";
}

TargetsReply read_targets(std::string_view json) {
  Expected<TargetsReply> targets = parse_targets_reply(json);
  REQUIRE(targets.has_value());
  return *std::move(targets);
}

}  // namespace

TEST_SUITE("xray/central_replies") {
  TEST_CASE("the reference record is read") {
    const Expected<RulesReply> reply = parse_rules_reply(kReference);
    REQUIRE(reply.has_value());
    CHECK(reply->ignored.empty());
    CHECK(reply->next_token.empty());
    REQUIRE(reply->rules.size() == 1);
    CHECK(reply->rules[0] ==
          CentralRule{.name = RuleName("Default"), .fixed_rate = 0.5, .reservoir_size = 60});
    CHECK(reply->rules[0].is_default());
  }

  TEST_CASE("a rule is read with all its fields, null and missing Attributes alike") {
    const CentralRule expected{.name = RuleName("shop"),
                               .priority = 7,
                               .fixed_rate = 0.25,
                               .reservoir_size = 3,
                               .service_name = "s*",
                               .service_type = "t*",
                               .host = "h*",
                               .http_method = "m*",
                               .url_path = "u*"};
    Json rule = good_rule();
    CHECK(read_rule(rule).rules == std::vector{expected});
    rule["Attributes"] = nullptr;
    rule["SamplingRateBoost"] = {{"MaxRate", 1}};
    rule["Priority"] = 7.0;
    CHECK(read_rule(rule).rules == std::vector{expected});
    rule.erase("Attributes");
    rule.erase("ResourceARN");
    CHECK(read_rule(rule).rules == std::vector{expected});
  }

  TEST_CASE("rules that SDKs ignore are ignored, with the reason") {
    CHECK(ignored_with("Version", 2) == "ignored rule \"shop\": Version is not 1");
    CHECK(ignored_with("ResourceARN", "arn:x") == "ignored rule \"shop\": ResourceARN is not *");
    CHECK(ignored_with("Attributes", {{"a", "b"}}) ==
          "ignored rule \"shop\": it asks for Attributes");
    CHECK(ignored_with("RuleName", "") == "ignored a rule without a name: RuleName is missing");
    CHECK(ignored_with("RuleName", std::string(33, 'n')) ==
          "ignored rule \"" + std::string(33, 'n') + "\": RuleName is longer than 32 bytes");
    for (const Json& rate : {Json(nullptr), Json(-0.1), Json(1.1), Json("1")}) {
      CHECK(ignored_with("FixedRate", rate) ==
            "ignored rule \"shop\": FixedRate is not from 0 to 1");
    }
    for (const Json& size : {Json(nullptr), Json(-1), Json(0.5)}) {
      CHECK(ignored_with("ReservoirSize", size) ==
            "ignored rule \"shop\": ReservoirSize is not from 0 on");
    }
    CHECK(ignored_with("Priority", 0) == "ignored rule \"shop\": Priority is not from 1 on");
    for (const char* key : {"ServiceName", "ServiceType", "Host", "HTTPMethod", "URLPath"}) {
      CHECK(ignored_with(key, nullptr) == "ignored rule \"shop\": a pattern is missing");
    }
  }

  TEST_CASE("the Default rule takes everything and goes last, whatever it says") {
    Json rule = good_rule();
    rule["RuleName"] = "Default";
    CHECK(read_rule(rule).rules ==
          std::vector{
              CentralRule{.name = RuleName("Default"), .fixed_rate = 0.25, .reservoir_size = 3}});
  }

  TEST_CASE("records without a rule are ignored, and pages follow the token") {
    const Expected<RulesReply> reply =
        parse_rules_reply(R"({"SamplingRuleRecords":[{},5,null,{"SamplingRule":7}],
                              "NextToken":"page 2"})");
    REQUIRE(reply.has_value());
    CHECK(reply->rules.empty());
    CHECK(reply->ignored.size() == 4);
    CHECK(reply->next_token == "page 2");
    CHECK(parse_rules_reply(R"({"SamplingRuleRecords":null})")->rules.empty());
  }

  TEST_CASE("what is no reply is refused with the call and the reason") {
    const auto complaint = [](std::string_view json) {
      const Expected<RulesReply> reply = parse_rules_reply(json);
      return reply ? "no error" : reply.error().message;
    };
    const std::string begin = "read the reply of GetSamplingRules: ";
    CHECK(complaint("") == begin + "there is nothing, where JSON should be");
    CHECK(complaint("<html>").starts_with(begin + "line 1, column 1: "));
    CHECK(complaint("{}") == begin + "there is no SamplingRuleRecords");
    CHECK(complaint("[]") == begin + "there is no SamplingRuleRecords");
    CHECK(complaint(R"({"SamplingRuleRecords":{}})") ==
          begin + "SamplingRuleRecords is not an array");
    const Expected<TargetsReply> targets = parse_targets_reply(R"({"message":"no"})");
    REQUIRE_FALSE(targets.has_value());
    CHECK(targets.error().code == Error::Code::invalid_reply);
    CHECK(targets.error().message ==
          "read the reply of SamplingTargets: there is no SamplingTargetDocuments");
  }

  TEST_CASE("targets are read, with times in seconds or fractions of them") {
    const TargetsReply reply = read_targets(R"({
      "LastRuleModification": 1649517389.25,
      "SamplingTargetDocuments": [
        {"RuleName": "a", "FixedRate": 0.1, "ReservoirQuota": 0, "ReservoirQuotaTTL": 1649517690,
         "Interval": 15},
        {"RuleName": "b", "FixedRate": 1, "ReservoirQuota": null},
        {"RuleName": "c"}, {"FixedRate": 1}, 5],
      "UnprocessedStatistics": [{"RuleName": "d", "ErrorCode": "500", "Message": "busy"}]})");
    CHECK(reply.last_modified == WallTime{1649517389250ms});
    REQUIRE(reply.targets.size() == 2);
    const SamplingTarget& first = reply.targets[0];
    CHECK(first.rule.text() == "a");
    CHECK(first.fixed_rate == 0.1);
    CHECK(first.quota == 0U);
    CHECK(first.quota_until == WallTime{1649517690s});
    CHECK(first.interval == Duration{15s});
    const SamplingTarget& second = reply.targets[1];
    CHECK_FALSE(second.quota.has_value());
    CHECK_FALSE(second.quota_until.has_value());
    CHECK_FALSE(second.interval.has_value());
    CHECK(reply.ignored ==
          std::vector<std::string>{"ignored target \"c\": FixedRate is not from 0 to 1",
                                   "ignored a target without a name: RuleName is missing",
                                   "ignored a target without a name: RuleName is missing"});
    REQUIRE(reply.unprocessed.size() == 1);
    CHECK(reply.unprocessed[0].rule.text() == "d");
    CHECK(reply.unprocessed[0].code == "500");
    CHECK(reply.unprocessed[0].message == "busy");
  }

  TEST_CASE("numbers that make no sense in a target count as not there") {
    for (const std::string_view number : {"-1", "1e300", "\"7\"", "1e18"}) {
      CAPTURE(number);
      std::string json = R"({"SamplingTargetDocuments":[{"RuleName":"a","FixedRate":1,)";
      json += R"("ReservoirQuotaTTL":)" + std::string{number};
      json += R"(,"Interval":)" + std::string{number} + "}]}";
      const TargetsReply reply = read_targets(json);
      REQUIRE(reply.targets.size() == 1);
      CHECK_FALSE(reply.targets[0].quota_until.has_value());
      CHECK_FALSE(reply.targets[0].interval.has_value());
    }
  }

  TEST_CASE("requests are written as the service takes them") {
    CHECK(write_rules_request("") == "{}");
    CHECK(write_rules_request("a\"b") == R"({"NextToken":"a\"b"})");
    const std::vector<SamplingStatistics> statistics = {{RuleName("shop"), 20, 7, 3},
                                                        {RuleName("Default"), 1, 0, 0}};
    CHECK(
        write_targets_request(statistics, "0123456789abcdef01234567", WallTime{1649517389999ms}) ==
        R"({"SamplingStatisticsDocuments":[)"
        R"({"BorrowCount":3,"ClientID":"0123456789abcdef01234567","RequestCount":20,)"
        R"("RuleName":"shop","SampledCount":7,"Timestamp":1649517389},)"
        R"({"BorrowCount":0,"ClientID":"0123456789abcdef01234567","RequestCount":1,)"
        R"("RuleName":"Default","SampledCount":0,"Timestamp":1649517389}]})");
  }
}

}  // namespace xtrace::central_replies_test
