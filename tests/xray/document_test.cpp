#include "xray/document.h"

#include <algorithm>
#include <map>
#include <set>

#include <doctest/doctest.h>

#include <xtrace/segment.h>

#include "xray/documents.h"

namespace xtrace::document_test {

namespace {

using nlohmann::json;
using testing::parse_document;

/// Every node of the documents with the id of the parent it belongs to.
void collect(const json& node, const std::string& parent,
             std::map<std::string, std::string>& parents) {
  const std::string id = node["id"];
  REQUIRE(parents.emplace(id, node.value("parent_id", parent)).second);
  for (const json& child : node.value("subsegments", json::array())) collect(child, id, parents);
}

std::map<std::string, std::string> parents_in(const DocumentSet& set) {
  std::map<std::string, std::string> parents;
  for (const std::string& document : set.documents) collect(parse_document(document), "", parents);
  return parents;
}

std::size_t count_nodes(const json& node) {
  std::size_t count = 1;
  for (const json& child : node.value("subsegments", json::array())) count += count_nodes(child);
  return count;
}

void check_limits(const DocumentSet& set, const DocumentLimits& limits = {}) {
  for (const std::string& text : set.documents) {
    CHECK(text.size() <= limits.bytes);
    const json document = parse_document(text);
    CHECK(count_nodes(document) <= limits.max_subsegments + 1);
    CHECK(document.contains("trace_id"));
  }
}

}  // namespace

TEST_SUITE("xray/document") {
  TEST_CASE("a document of exactly the limit is sent whole, one byte more is divided") {
    Segment segment = Segment::begin("a");
    segment.begin_subsegment("b").set_metadata("m", "k", std::string(50'000, 'x'));
    const std::size_t rest = 65'477 - segment.documents().documents[0].size();
    segment.set_metadata(
        "m", "k", std::string(rest - std::string{R"("metadata":{"m":{"k":""}},)"}.size(), 'y'));
    const DocumentSet whole = segment.documents();
    REQUIRE(whole.documents.size() == 1);
    CHECK(whole.documents[0].size() == 65'477);
    CHECK(whole.counts == DocumentCounts{});
    const DocumentSet divided = segment.documents({.bytes = 65'476});
    CHECK(divided.documents.size() == 2);
    CHECK(divided.counts.split == 1);
    CHECK(divided.counts.truncated == 0);
  }

  TEST_CASE("a subtree that leaves is a document with its trace and its true parent") {
    Segment segment = Segment::begin("a");
    Subsegment call = segment.begin_subsegment("call");
    Subsegment body = call.begin_subsegment("body");
    body.set_metadata("m", "k", std::string(65'000, 'x'));
    body.end();
    call.set_metadata("m", "k", std::string(1'000, 'y'));
    call.end();
    const DocumentSet set = segment.documents();
    REQUIRE(set.documents.size() == 2);
    const json left = parse_document(set.documents[0]);
    CHECK(left["type"] == "subsegment");
    CHECK(left["id"] == body.id().to_string());
    CHECK(left["parent_id"] == call.id().to_string());
    CHECK(left["trace_id"] == segment.trace_id().to_string());
    const json rest = parse_document(set.documents[1]);
    CHECK_FALSE(rest.contains("type"));
    CHECK(rest["subsegments"][0]["id"] == call.id().to_string());
    CHECK_FALSE(rest["subsegments"][0].contains("subsegments"));
    CHECK_FALSE(rest["subsegments"][0].contains("trace_id"));
  }

  TEST_CASE("the largest subtrees leave first and no more than have to") {
    Segment segment = Segment::begin("a");
    std::string largest;
    for (const std::size_t size : {10'000U, 30'000U, 20'000U, 15'000U}) {
      Subsegment child = segment.begin_subsegment("b");
      child.set_metadata("m", "k", std::string(size, 'x'));
      if (size == 30'000U) largest = child.id().to_string();
    }
    const DocumentSet set = segment.documents();
    REQUIRE(set.documents.size() == 2);
    CHECK(parse_document(set.documents[0])["id"] == largest);
    CHECK(parse_document(set.documents[1])["subsegments"].size() == 3);
  }

  TEST_CASE("more subsegments than the limit are spread over documents") {
    Segment flat = Segment::begin("a");
    for (int i = 0; i < 25; ++i) flat.begin_subsegment("b").end();
    const DocumentLimits limits{.max_subsegments = 20};
    CHECK(flat.documents().documents.size() == 1);
    CHECK(flat.documents(limits).documents.size() == 6);
    check_limits(flat.documents(limits), limits);

    Segment deep = Segment::begin("a");
    std::vector<Subsegment> chain;
    chain.push_back(deep.begin_subsegment("b"));
    for (int i = 0; i < 24; ++i) chain.push_back(chain.back().begin_subsegment("b"));
    chain.front().end();
    const DocumentSet set = deep.documents(limits);
    CHECK(set.documents.size() == 2);
    check_limits(set, limits);
    CHECK(parents_in(set).size() == 26);
  }

  TEST_CASE("a large tree loses no node and no parent") {
    Segment segment = Segment::begin("root");
    std::map<std::string, std::string> expected{{segment.id().to_string(), ""}};
    std::vector<Subsegment> nodes;
    for (std::size_t i = 0; i < 1'500; ++i) {
      // Node i hangs under node i / 3: wide at the bottom and seven levels deep.
      SegmentHandle& parent = i < 3 ? static_cast<SegmentHandle&>(segment) : nodes[i / 3 - 1];
      const std::string above = parent.id().to_string();
      nodes.push_back(parent.begin_subsegment("n"));
      nodes.back().set_metadata("m", "k", std::string(i * 7 % 2'000, 'x'));
      expected.emplace(nodes.back().id().to_string(), above);
    }
    segment.end();
    const DocumentSet set = segment.documents();
    check_limits(set);
    CHECK(set.counts.split == set.documents.size() - 1);
    CHECK(set.counts.truncated == 0);
    CHECK(parents_in(set) == expected);
  }

  TEST_CASE("what has not ended stays, its finished parts leave") {
    Segment segment = Segment::begin("a");
    Subsegment open = segment.begin_subsegment("open");
    std::vector<std::string> finished;
    for (int i = 0; i < 3; ++i) {
      Subsegment part = open.begin_subsegment("part");
      part.set_metadata("m", "k", std::string(30'000, 'x'));
      finished.push_back(part.id().to_string());
    }
    const DocumentSet set = segment.documents();
    REQUIRE(set.documents.size() == 2);
    const json left = parse_document(set.documents[0]);
    CHECK(std::ranges::count(finished, left["id"].get<std::string>()) == 1);
    CHECK(left["parent_id"] == open.id().to_string());
    const json rest = parse_document(set.documents[1]);
    CHECK(rest["in_progress"] == true);
    CHECK(rest["subsegments"][0]["in_progress"] == true);
    CHECK(rest["subsegments"][0]["subsegments"].size() == 2);
  }

  TEST_CASE("a node that is too large has its longest texts cut with a mark") {
    Segment segment = Segment::begin("a");
    const std::string euros = [] {
      std::string text;
      for (int i = 0; i < 30'000; ++i) text += "\xE2\x82\xAC";
      return text;
    }();
    segment.set_metadata("m", "long", euros);
    segment.set_metadata("m", "short", std::string(20'000, 's'));
    segment.set_metadata_json("m", "raw", "[\"" + std::string(80'000, 'r') + "\"]");
    const DocumentSet set = segment.documents();
    REQUIRE(set.documents.size() == 1);
    CHECK(set.counts == DocumentCounts{.truncated = 1});
    CHECK(set.documents[0].size() <= 65'477);
    CHECK(set.documents[0].size() > 65'400);
    const json metadata = parse_document(set.documents[0])["metadata"]["m"];
    CHECK(metadata["short"] == std::string(20'000, 's'));
    const std::string cut = metadata["long"];
    CHECK(cut.starts_with("\xE2\x82\xAC\xE2\x82\xAC"));
    CHECK(cut.ends_with("\xE2\x82\xAC... [90000 bytes, cut]"));
    CHECK(metadata["raw"].get<std::string>().ends_with("r... [80004 bytes, cut]"));
  }

  TEST_CASE("escapes count when texts are cut") {
    Segment segment = Segment::begin("a");
    segment.set_metadata("m", "k", std::string(60'000, '\x01'));
    const DocumentSet set = segment.documents();
    REQUIRE(set.documents.size() == 1);
    CHECK(set.documents[0].size() <= 65'477);
    CHECK(set.documents[0].size() > 65'400);
  }

  TEST_CASE("what cannot fit is refused with its path and size, and the rest goes") {
    Segment segment = Segment::begin("shop");
    Subsegment call = segment.begin_subsegment("call");
    Subsegment huge = call.begin_subsegment("huge");
    for (int i = 0; i < 100; ++i) {
      huge.annotate("key" + std::to_string(i), std::string(1'000, 'v'));
    }
    huge.end();
    call.end();
    const DocumentSet set = segment.documents();
    REQUIRE(set.documents.size() == 1);
    CHECK(parse_document(set.documents[0])["subsegments"][0]["id"] == call.id().to_string());
    CHECK(set.counts == DocumentCounts{.split = 1, .refused = 1});
    REQUIRE(set.refusals.size() == 1);
    CHECK(set.refusals[0].code == Error::Code::document_too_large);
    CHECK(set.refusals[0].message.starts_with("write segment document \"shop > call > huge\": 10"));
    CHECK(set.refusals[0].message.ends_with(
        " bytes even with its texts cut, more than the 65477 of a datagram"));
  }

  TEST_CASE("a set is reused whatever it held before") {
    Segment large = Segment::begin("a");
    for (int i = 0; i < 3; ++i)
      large.begin_subsegment("b").set_metadata("m", "k", std::string(60'000, 'x'));
    DocumentSet set = large.documents();
    CHECK(set.documents.size() == 3);
    const Segment small = Segment::begin("c");
    small.write_documents(set);
    CHECK(set.documents.size() == 1);
    CHECK(set.counts == DocumentCounts{});
    CHECK(parse_document(set.documents[0])["name"] == "c");
  }

  TEST_CASE("a chain of twenty thousand subsegments is divided without recursion") {
    Segment segment = Segment::begin("a");
    Subsegment last = segment.begin_subsegment("b");
    for (int i = 0; i < 19'999; ++i) {
      Subsegment next = last.begin_subsegment("b");
      last = std::move(next);
    }
    segment.end();
    const DocumentSet set = segment.documents();
    std::size_t nodes = 0;
    for (const std::string& document : set.documents) {
      for (std::size_t at = document.find("\"name\""); at != std::string::npos;
           at = document.find("\"name\"", at + 1)) {
        ++nodes;
      }
    }
    CHECK(nodes == 20'001);
    CHECK(set.documents.size() == 199);  // 101 nodes each
  }
}

}  // namespace xtrace::document_test
