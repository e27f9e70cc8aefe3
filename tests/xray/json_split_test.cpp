#include "xray/json_split.h"

#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "xray/json_check.h"

namespace json_split_test {

using namespace xtrace;

namespace {

using Json = nlohmann::json;

std::string id_of(int number) {
  std::string digits = std::to_string(number);
  return std::string(16 - digits.size(), '0') + digits;
}

Json node(int number, std::size_t payload) {
  return {{"name", "n" + std::to_string(number)},
          {"id", id_of(number)},
          {"start_time", 1.5},
          {"end_time", 2.5},
          {"metadata", {{"default", {{"a", std::string(payload, 'x')}}}}}};
}

Json root(std::size_t payload) {
  Json document = node(1, payload);
  document["trace_id"] = "1-65a0b1c2-0123456789abcdef01234567";
  return document;
}

/// Every document of the set fits and is one that X-Ray takes.
std::vector<Json> check_all(const DocumentSet& set, std::size_t limit) {
  std::vector<Json> documents;
  for (const std::string& text : set.documents) {
    CHECK(text.size() <= limit);
    const CheckVerdict verdict = check_document(text, {.rules = CheckRules::documented});
    CHECK(verdict.kind == CheckVerdict::Kind::valid);
    documents.push_back(Json::parse(text, nullptr, false));
  }
  return documents;
}

/// id -> id of its parent, by nesting or by what a lone subsegment says.
void collect(const Json& node, std::string parent, std::map<std::string, std::string>& parents) {
  const std::string id = node.at("id");
  CHECK(parents.emplace(id, parent.empty() ? node.value("parent_id", "") : parent).second);
  if (!node.contains("subsegments")) return;
  for (const Json& child : node.at("subsegments")) collect(child, id, parents);
}

}  // namespace

TEST_SUITE("xray/json_split") {
  TEST_CASE("white space between tokens goes before anything else does") {
    const std::string text = "{ \"a b\" :\n[ 1 ,\t\"\\\" }\" ] , \"c\":{ } }\r\n";
    std::string compact;
    append_compact(compact, text);
    CHECK(compact == R"({"a b":[1,"\" }"],"c":{}})");

    const std::string document = root(10).dump(8);
    const DocumentSet set = split_document(document, document.size() - 1);
    REQUIRE(set.documents.size() == 1);
    CHECK(set.documents[0] == root(10).dump());
    CHECK(set.counts == DocumentCounts{});
  }

  TEST_CASE("finished subtrees leave largest first and keep their true parents") {
    Json document = root(10);
    Json middle = node(2, 10);
    middle["subsegments"] = {node(3, 400), node(4, 900)};
    document["subsegments"] = {middle, node(5, 700), node(6, 100)};
    // Go and Python write these into embedded subsegments, with the root for a parent.
    document["subsegments"][0]["subsegments"][0]["parent_id"] = id_of(1);
    document["subsegments"][0]["subsegments"][0]["type"] = "subsegment";
    document["subsegments"][0]["subsegments"][0]["trace_id"] = document["trace_id"];
    const std::map<std::string, std::string> expected = {
        {id_of(1), ""},       {id_of(2), id_of(1)}, {id_of(3), id_of(2)},
        {id_of(4), id_of(2)}, {id_of(5), id_of(1)}, {id_of(6), id_of(1)}};
    const std::string text = document.dump();
    for (std::size_t limit = 1200; limit < text.size(); limit += 50) {
      CAPTURE(limit);
      const DocumentSet set = split_document(text, limit);
      CHECK(set.counts.refused == 0);
      CHECK(set.counts.truncated == 0);
      CHECK(set.counts.split == set.documents.size() - 1);
      std::map<std::string, std::string> parents;
      const std::vector<Json> documents = check_all(set, limit);
      for (const Json& part : documents) collect(part, "", parents);
      parents[id_of(3)] = parents[id_of(3)] == id_of(1) ? id_of(2) : parents[id_of(3)];
      CHECK(parents == expected);
      CHECK(documents.back().at("id") == id_of(1));
    }
    const DocumentSet set = split_document(text, text.size() - 1);
    REQUIRE(set.documents.size() == 2);
    CHECK(Json::parse(set.documents[0]).at("id") == id_of(2));
  }

  TEST_CASE("what goes on stays where it is, and its finished children may leave") {
    Json document = root(10);
    Json ongoing = node(2, 300);
    ongoing.erase("end_time");
    ongoing["in_progress"] = true;
    ongoing["subsegments"] = Json::array({node(3, 500)});
    document["subsegments"] = Json::array({ongoing});
    const DocumentSet set = split_document(document.dump(), 900);
    const std::vector<Json> documents = check_all(set, 900);
    REQUIRE(documents.size() == 2);
    CHECK(documents[0].at("id") == id_of(3));
    CHECK(documents[0].at("parent_id") == id_of(2));
    CHECK(documents[0].at("type") == "subsegment");
    CHECK(documents[1].at("subsegments").at(0).at("id") == id_of(2));
  }

  TEST_CASE("a single node that is too large has its longest texts cut with a mark") {
    Json document = root(0);
    document["metadata"]["default"] = {{"short", "kept"}, {"long", ""}, {"longer", ""}};
    std::string text;
    for (int i = 0; i < 1000; ++i) text += "é\"😀";
    document["metadata"]["default"]["long"] = text;
    document["metadata"]["default"]["longer"] = text + text;
    for (std::size_t limit = 1000; limit < 3000; limit += 7) {
      const DocumentSet set = split_document(document.dump(), limit);
      CHECK(set.counts.truncated == 1);
      const std::vector<Json> documents = check_all(set, limit);
      REQUIRE(documents.size() == 1);
      const Json& kept = documents[0].at("metadata").at("default");
      CHECK(kept.at("short") == "kept");
      CHECK(documents[0].at("name") == "n1");
      const std::string longer = kept.at("longer");
      CHECK(longer.ends_with("... [16000 bytes, cut]"));
      CHECK(text.starts_with(longer.substr(0, longer.find("... ["))));
      // The mildest cut: there would not have been room for much more.
      CHECK(set.documents[0].size() > limit - 60);
    }
  }

  TEST_CASE("what does not fit even so is refused with its path and size") {
    Json document = root(10);
    Json child = node(2, 10);
    for (int i = 0; i < 200; ++i) child["metadata"]["default"]["k" + std::to_string(i)] = i;
    document["subsegments"] = Json::array({child});
    const DocumentSet set = split_document(document.dump(), 900);
    CHECK(set.counts.refused == 1);
    CHECK(check_all(set, 900).size() == 1);
    REQUIRE(set.refusals.size() == 1);
    CHECK(set.refusals[0].code == Error::Code::document_too_large);
    CHECK(set.refusals[0].message.starts_with("\"n1 > n2\" takes "));
    CHECK(set.refusals[0].message.ends_with("more than the 900 of a datagram"));
  }

  TEST_CASE("numbers stay as they are written") {
    std::string text = root(2000).dump();
    text.insert(1, R"("metadata2":{"n":12345678901234567890123.4500e-3},)");
    const DocumentSet set = split_document(text, 1000);
    REQUIRE(set.documents.size() == 1);
    CHECK(set.documents[0].find("12345678901234567890123.4500e-3") != std::string::npos);
  }
}

}  // namespace json_split_test
