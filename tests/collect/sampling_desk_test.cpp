#include "collect/sampling_desk.h"

#include <chrono>
#include <memory>
#include <string>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/scratch.h"
#include "xray/central_rules.h"

namespace sampling_desk_test {

using namespace xtrace;
using namespace xtrace::collect;
using xtrace::testing::Scratch;

namespace {

constexpr const char* kRecords = R"({"SamplingRuleRecords":[
  {"SamplingRule":{"RuleName":"Default","Priority":10000,"FixedRate":0.05,"ReservoirSize":1,
    "ResourceARN":"*","ServiceName":"*","ServiceType":"*","Host":"*","HTTPMethod":"*",
    "URLPath":"*","Version":1,"Attributes":{}},"CreatedAt":0,"ModifiedAt":1649517389},
  {"SamplingRule":{"RuleName":"shop","RuleARN":"arn:aws:xray:eu:1:sampling-rule/shop",
    "Priority":5,"FixedRate":0.5,"ReservoirSize":10,"URLPath":"/shop/*",
    "Attributes":{"tier":"gold"}},"CreatedAt":"2026-11-21T17:30:00Z"}]})";

std::string fault_in(std::string_view json) {
  const auto rules = parse_sampling_rules(json);
  return rules ? "" : rules.error().message;
}

struct Desk {
  explicit Desk(std::string path = {}) {
    auto made = SamplingDesk::make(std::move(path), [this] { return TimePoint{wall, {}}; });
    REQUIRE_MESSAGE(made.has_value(), made.error().message);
    desk = std::move(*made);
  }

  ApiReply ask_rules() {
    ApiBody body("{}");
    return desk->answer_rules(body);
  }
  ApiReply ask_targets(const std::string& json) {
    ApiBody body(json);
    return desk->answer_targets(body);
  }
  /// The quota that a client is given that reports a rule.
  std::uint64_t quota(char client, const std::string& rule = "shop") {
    const SamplingStatistics statistics[] = {{RuleName(rule), 3, 2, 1}};
    const std::string id(24, client);
    const auto reply =
        parse_targets_reply(ask_targets(write_targets_request(statistics, id, wall)).body);
    REQUIRE(reply.has_value());
    REQUIRE(reply->targets.size() == 1);
    CHECK(reply->targets[0].rule.text() == rule);
    CHECK(reply->targets[0].interval == std::chrono::seconds(10));
    CHECK(reply->targets[0].quota_until > wall);
    return reply->targets[0].quota.value_or(999);
  }
  WallTime last_change() {
    const auto reply =
        parse_targets_reply(ask_targets(R"({"SamplingStatisticsDocuments":[]})").body);
    REQUIRE(reply.has_value());
    return reply->last_modified.value();
  }
  std::size_t rule_count() {
    const auto reply = parse_rules_reply(ask_rules().body);
    REQUIRE(reply.has_value());
    return reply->rules.size();
  }

  WallTime wall{std::chrono::seconds(1'900'000'000)};
  std::unique_ptr<SamplingDesk> desk;
};

}  // namespace

TEST_SUITE("collect/sampling_desk") {
  TEST_CASE("without a file one rule samples everything") {
    Desk desk;
    const ApiReply reply = desk.ask_rules();
    const auto rules = parse_rules_reply(reply.body);

    REQUIRE(rules.has_value());
    REQUIRE(rules->rules.size() == 1);
    CHECK(rules->rules[0].is_default());
    CHECK(rules->rules[0].fixed_rate == 1);
    CHECK(rules->rules[0].reservoir_size > 0);
    CHECK(reply.body.find("\"Attributes\":{}") != std::string::npos);
    CHECK(reply.body.find("\"ServiceType\":\"*\"") != std::string::npos);
    CHECK(desk.last_change() == desk.wall);
  }

  TEST_CASE("rules are read as the API answers them, with what they leave out") {
    for (const std::string& text :
         {std::string(kRecords),
          std::string(kRecords).substr(23, std::string(kRecords).size() - 24)}) {
      CAPTURE(text);
      const auto rules = parse_sampling_rules(text);
      REQUIRE(rules.has_value());
      REQUIRE(rules->size() == 2);
      const SamplingRule& shop = rules->front();
      CHECK(shop.name == "shop");
      CHECK(shop.url_path == "/shop/*");
      CHECK(shop.host == "*");
      CHECK(shop.created == 1795282200);
      CHECK(shop.attributes.at("tier") == "gold");
      CHECK(rules->back().modified == 1649517389);
    }
  }

  TEST_CASE("a local manifest becomes rules in its order, by the host") {
    const auto rules = parse_sampling_rules(R"({"version":1,"rules":[
      {"description":"health","service_name":"*.com","http_method":"GET","url_path":"/h",
       "fixed_target":0,"rate":0},
      {"description":"health","service_name":"*","http_method":"*","url_path":"/x",
       "fixed_target":7,"rate":0.25}],"default":{"fixed_target":2,"rate":0.1}})");
    REQUIRE(rules.has_value());
    REQUIRE(rules->size() == 3);
    CHECK((*rules)[0].name == "health");
    CHECK((*rules)[0].host == "*.com");
    CHECK((*rules)[0].service_name == "*");
    CHECK((*rules)[1].name == "rule 2");
    CHECK((*rules)[1].reservoir_size == 7);
    CHECK((*rules)[1].priority == 2);
    CHECK((*rules)[2].name == "Default");
    CHECK((*rules)[2].fixed_rate == 0.1);
  }

  TEST_CASE("a list without a default gets the service's own") {
    const auto rules = parse_sampling_rules(R"([{"RuleName":"a","Priority":1,"FixedRate":1}])");
    REQUIRE(rules.has_value());
    REQUIRE(rules->size() == 2);
    CHECK(rules->back().name == "Default");
    CHECK(rules->back().reservoir_size == 1);
    CHECK(rules->back().fixed_rate == 0.05);
  }

  TEST_CASE("a file that makes no sense is refused with the rule and the reason") {
    CHECK(fault_in("{]").find("line 1, column 2") != std::string::npos);
    CHECK(fault_in("7") == "it is neither an object nor a list");
    CHECK(fault_in("{}").find("neither SamplingRuleRecords") != std::string::npos);
    CHECK(fault_in(R"({"SamplingRuleRecords":{}})") == "SamplingRuleRecords is no list");
    CHECK(fault_in(R"([{"FixedRate":1}])") == "rule 1: RuleName is missing");
    CHECK(fault_in("[1]") == "rule 1: FixedRate is no number from 0 to 1");
    CHECK(fault_in(R"([{"RuleName":"a","Priority":1,"FixedRate":2}])") ==
          "rule 1 (\"a\"): FixedRate is no number from 0 to 1");
    CHECK(fault_in(R"([{"RuleName":"a","FixedRate":1}])") ==
          "rule 1 (\"a\"): Priority is not from 1 to 9999");
    CHECK(fault_in(R"([{"RuleName":"a","Priority":1,"FixedRate":1,"Host":4}])") ==
          "rule 1 (\"a\"): Host is no text");
    CHECK(fault_in(R"([{"RuleName":"a","Priority":1,"FixedRate":1,"Attributes":[1]}])") ==
          "rule 1 (\"a\"): Attributes is no object");
    const std::string rule = R"({"RuleName":"a","Priority":1,"FixedRate":1})";
    CHECK(fault_in("[" + rule + "," + rule + "]") == "rule 2 has the name \"a\" of an earlier one");
    CHECK(fault_in(R"({"version":2,"default":{"rate":3}})").find("default rule") !=
          std::string::npos);
    const auto missing = SamplingDesk::make("/nowhere/rules.json", {});
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().code == Error::Code::invalid_config);
    CHECK(missing.error().message.find("/nowhere/rules.json: ") != std::string::npos);
  }

  TEST_CASE("a reservoir is split over the clients that are there") {
    const Scratch scratch;
    Desk desk(scratch.write("rules.json", kRecords));
    CHECK(desk.quota('a') == 10);
    CHECK(desk.quota('b') == 5);
    CHECK(desk.quota('c') == 3);
    CHECK(desk.quota('a') == 4);
    CHECK(desk.quota('b') + desk.quota('c') == 6);
    CHECK(desk.quota('a', "Default") == 1);
    CHECK(desk.desk->clients() == 3);

    SUBCASE("one that is silent for a minute leaves its share to the others") {
      desk.wall += std::chrono::seconds(40);
      CHECK(desk.quota('a') == 4);
      desk.wall += std::chrono::seconds(20);
      CHECK(desk.quota('a') == 10);
      CHECK(desk.desk->clients() == 1);
    }
    SUBCASE("and no crowd of them takes more memory than that of a thousand") {
      const std::string many = R"({"SamplingStatisticsDocuments":[{"RuleName":"shop","ClientID":")";
      for (int number = 100000; number < 101100; ++number) {
        const std::string id = std::to_string(number) + std::string(18, '0');
        CHECK(
            desk.ask_targets(many + id + R"(","Timestamp":1,"RequestCount":1,"SampledCount":0}]})")
                .status == 200);
      }
      CHECK(desk.desk->clients() == SamplingDesk::kMostClients + 1);  // and `a`, of Default
    }
  }

  TEST_CASE("statistics that cannot be taken are told, and the others taken") {
    Desk desk;
    const std::string id(24, 'a');
    const std::string good = R"({"RuleName":"Default","ClientID":")" + id +
                             R"(","Timestamp":1.5,"RequestCount":1,"SampledCount":1})";
    const std::string unknown = R"({"RuleName":"gone","ClientID":")" + id +
                                R"(","Timestamp":1,"RequestCount":1,"SampledCount":1})";
    const ApiReply reply = desk.ask_targets(
        R"({"SamplingStatisticsDocuments":[)" + unknown + "," + good +
        R"(,{"RuleName":"Default","ClientID":"short","Timestamp":1,"RequestCount":1,"SampledCount":0},)"
        R"({"RuleName":"Default","RequestCount":-1},17]})");
    const auto read = parse_targets_reply(reply.body);
    REQUIRE(read.has_value());
    CHECK(read->targets.size() == 1);
    REQUIRE(read->unprocessed.size() == 4);
    CHECK(read->unprocessed[0].rule.text() == "gone");
    CHECK(read->unprocessed[0].code == "404");
    CHECK(read->unprocessed[1].message == "ClientID is not 24 characters long.");
    CHECK(read->unprocessed[2].message ==
          "RequestCount is a number, where a whole number from 0 on is wanted.");
    CHECK(read->unprocessed[3].code == "400");
  }

  TEST_CASE("more statistics than the service takes are refused as it does") {
    Desk desk;
    std::string many = R"({"SamplingStatisticsDocuments":[0)";
    for (int i = 0; i < 25; ++i) many += ",0";
    const ApiReply reply = desk.ask_targets(many + "]}");
    CHECK(reply.status == 400);
    CHECK(reply.error_type == "InvalidRequestException");
    CHECK(desk.ask_targets("{}").body ==
          R"({"message":"SamplingStatisticsDocuments is missing."})");
  }

  TEST_CASE("a file that changes is read again, and one that breaks changes nothing") {
    const Scratch scratch;
    const std::string path = scratch.write("rules.json", kRecords);
    Desk desk(path);
    struct stat facts {};
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    CHECK(epoch_seconds(desk.last_change()) == static_cast<double>(facts.st_mtim.tv_sec));
    // The rule with attributes is handed out too; our own sampler passes over it.
    CHECK(desk.rule_count() == 1);
    CHECK(desk.quota('a') == 10);

    scratch.write("rules.json", "[");
    CHECK(desk.rule_count() == 1);
    CHECK(desk.desk->fault().find(path + ": line 1") != std::string::npos);
    CHECK(epoch_seconds(desk.last_change()) == static_cast<double>(facts.st_mtim.tv_sec));

    scratch.write("rules.json",
                  R"([{"RuleName":"a","Priority":1,"FixedRate":1},{"RuleName":"shop","Priority":2,
                      "FixedRate":1,"ReservoirSize":6}])");
    CHECK(desk.rule_count() == 3);
    CHECK(desk.desk->fault().empty());
    CHECK(desk.last_change() == desk.wall);
    CHECK(desk.quota('b') == 3);

    REQUIRE(::unlink(path.c_str()) == 0);
    CHECK(desk.rule_count() == 3);
    CHECK(desk.desk->fault().find("ENOENT") != std::string::npos);
  }
}

}  // namespace sampling_desk_test
