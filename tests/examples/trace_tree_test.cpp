#include "microservices/trace_tree.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "microservices/tale.h"

namespace xtrace::examples::trace_tree_test {

namespace {

using Sentences = std::vector<std::string>;

constexpr std::string_view kTrace = "1-5759e988-bd862e3fe1be46a994272793";
const Cast kCast = {.fetcher = "f:1", .archiver = "a:1"};
const Tale kTale = {.url = "http://t:1/ok", .target_status = 200};

TraceDocument parse(const std::string& fields) {
  const std::string json = "{\"trace_id\":\"" + std::string(kTrace) + "\"," + fields + "}";
  const auto document = parse_datagram("{\"format\":\"json\",\"version\":1}\n" + json);
  REQUIRE(document);
  return *document;
}

std::string call(const std::string& id, const std::string& name, const std::string& below = {}) {
  return R"({"id":")" + id + R"(","name":")" + name +
         R"(","namespace":"remote","http":{"response":{"status":200}},"subsegments":[)" + below +
         "]}";
}

const std::string kPhases =
    R"({"id":"7","name":"request","start_time":1},{"id":"8","name":"response","start_time":2},)"
    R"({"id":"9","name":"body","start_time":3})";
const std::string kOk = R"(,"http":{"response":{"status":200}},"subsegments":[)";

/// What keeps every promise, in no order.
std::vector<TraceDocument> kept() {
  return {
      parse(R"("id":"6","name":"archiver","start_time":2,"parent_id":"5")" + kOk + "]"),
      parse(R"("id":"1","name":"client","start_time":1,"subsegments":[)" + call("2", "f:1") + "]"),
      parse(R"("id":"3","name":"fetcher","parent_id":"2",)"
            R"("annotations":{"remote_url":"http://t:1/ok"})" +
            kOk + call("4", "t:1", kPhases) + "," + call("5", "a:1") + "]")};
}

Sentences judge(const std::vector<TraceDocument>& documents) {
  return find_broken_promises(kTale, kCast, make_tree(documents, kTrace));
}

}  // namespace

TEST_SUITE("examples/trace_tree") {
  TEST_CASE("documents in any order become one tree by their ids, and keep every promise") {
    std::vector<TraceDocument> documents = kept();
    documents.push_back({.trace_id = "another", .node = {.id = "0", .name = "stranger"}});
    CHECK(judge(documents) == Sentences{});
    const TraceTree tree = make_tree(documents, kTrace);
    REQUIRE(tree.roots.size() == 1);
    const TraceNode* fetcher = find_child(tree.roots[0].children[0], "fetcher");
    REQUIRE(fetcher != nullptr);
    CHECK(fetcher->is_segment);
    REQUIRE(find_child(*fetcher, "a:1") != nullptr);
    CHECK(find_child(*find_child(*fetcher, "a:1"), "archiver") != nullptr);
  }

  TEST_CASE("a document that is missing, hangs elsewhere or differs breaks a promise") {
    std::vector<TraceDocument> documents = kept();
    SUBCASE("without the archiver's segment") {
      documents.erase(documents.begin());
      CHECK(judge(documents) == Sentences{"below a:1 there should be archiver"});
    }
    SUBCASE("with a segment whose parent nobody has sent") {
      documents[0].node.parent_id = "55";
      CHECK(judge(documents) == Sentences{"there should be one tree, and there are 2 pieces",
                                          "below a:1 there should be archiver"});
    }
    SUBCASE("with a target that has another status") {
      documents[2].node.children[0].status = 500;
      CHECK(judge(documents) == Sentences{"t:1 should have status 200"});
    }
    SUBCASE("with a fetcher that has failed") {
      documents[2].node.status = 500;
      CHECK(judge(documents) == Sentences{"fetcher should have status 200, and has 500"});
    }
    SUBCASE("with no documents at all") {
      CHECK(judge({}) == Sentences{"there should be one tree, and there are 0 pieces"});
    }
  }

  TEST_CASE("parents that name each other, or themselves, stay apart") {
    std::vector<TraceDocument> documents = {parse(R"("id":"1","parent_id":"2")"),
                                            parse(R"("id":"2","parent_id":"1")"),
                                            parse(R"("id":"3","parent_id":"3")")};
    CHECK(make_tree(documents, kTrace).roots.size() == 2);
  }

  TEST_CASE("what is no document is passed over") {
    CHECK_FALSE(parse_datagram(""));
    CHECK_FALSE(parse_datagram("{\"format\":\"json\",\"version\":1}"));
    CHECK_FALSE(parse_datagram("header\n[1]"));
    CHECK_FALSE(parse_datagram("header\n{\"trace_id\":"));
    CHECK_FALSE(parse_datagram("header\n{\"start_time\":\"soon\"}"));
    CHECK_FALSE(parse_datagram("header\n{\"http\":{\"response\":7}}"));
  }
}

}  // namespace xtrace::examples::trace_tree_test
