#include "collect/node_reader.h"

#include <deque>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "collect/tree_text.h"

namespace node_reader_test {

using namespace xtrace;
using namespace xtrace::collect;
using namespace xtrace::collect::testing;

TEST_SUITE("collect/node_reader") {
  TEST_CASE("every field of a node is read") {
    const std::string text = R"({
      "name":"checkout","id":"00000000000000ab","trace_id":"1-6b00ee2c-1c0371739e1204b5d7d42e2f",
      "parent_id":"00000000000000cd","start_time":1700000001.5,"end_time":1700000002,
      "namespace":"remote","origin":"AWS::EC2::Instance","user":"ann","resource_arn":"arn:aws:x",
      "error":true,"throttle":true,"fault":false,
      "http":{"request":{"method":"GET","url":"http://h/p","user_agent":"curl","client_ip":"10.0.0.1",
                         "x_forwarded_for":true,"traced":true},
              "response":{"status":429,"content_length":12}},
      "cause":{"working_directory":"/srv","exceptions":[
        {"id":"e1","type":"Timeout","message":"too late","cause":"e2","remote":true,"truncated":3,
         "stack":[{"path":"a.js","line":7,"label":"f"},{"path":"b.js","line":null}]},{"id":"e2"}]},
      "annotations":{"k": 1},"metadata":{"d":{"x":[1,NaN]}},"aws":{"account_id":"1"},
      "sql":{"user":"u"},"service":{"version":"2"},"links":[{"id":"1"}]})";
    const OwningTree tree = tree_of({text});

    const TraceNode& one = tree.nodes.at(0);
    CHECK(one.name == "checkout");
    CHECK(one.id.text() == "00000000000000ab");
    CHECK(one.parent_id.text() == "00000000000000cd");
    CHECK(one.start == 1700000001.5);
    CHECK(one.end == 1700000002);
    CHECK(one.space == "remote");
    CHECK(one.origin == "AWS::EC2::Instance");
    CHECK(one.user == "ann");
    CHECK(one.resource_arn == "arn:aws:x");
    CHECK(one.flags == Flags{.error = true, .throttle = true});
    CHECK(one.http.method == "GET");
    CHECK(one.http.url == "http://h/p");
    CHECK(one.http.user_agent == "curl");
    CHECK(one.http.client_ip == "10.0.0.1");
    CHECK(one.http.is_forwarded);
    CHECK(one.http.is_traced);
    CHECK(one.http.status == 429);
    CHECK(one.http.content_length == 12);
    REQUIRE(one.exceptions.size() == 2);
    const NodeException& exception = one.exceptions[0];
    CHECK(exception.id == "e1");
    CHECK(exception.type == "Timeout");
    CHECK(exception.message == "too late");
    CHECK(exception.cause == "e2");
    CHECK(exception.is_remote);
    CHECK(exception.truncated == 3);
    REQUIRE(exception.stack.size() == 2);
    CHECK(exception.stack[0].path == "a.js");
    CHECK(exception.stack[0].label == "f");
    CHECK(exception.stack[0].line == 7);
    CHECK(exception.stack[1].line == 0);
    CHECK(one.annotations == R"({"k": 1})");
    CHECK(one.metadata == R"({"d":{"x":[1,NaN]}})");
    CHECK(one.aws == R"({"account_id":"1"})");
    CHECK(one.sql == R"({"user":"u"})");
    CHECK(one.service == R"({"version":"2"})");
    CHECK(one.links == R"([{"id":"1"}])");
  }

  TEST_CASE("a member of the wrong kind is absent") {
    const std::vector<std::string> wrong = {
        "null",
        "17",
        "-1.5e3",
        "true",
        R"("text")",
        "[]",
        "{}",
        "NaN",
        R"([{"a":[1]},null])",
        R"({"request":3,"response":[],"exceptions":{"a":1}})",
        R"({"request":{"method":3,"url":[]},"response":{"status":"x","content_length":-1}})",
        R"({"exceptions":[1,null,"x"]})"};
    const std::vector<std::string> keys = {
        "name",  "id",           "parent_id",   "start_time", "end_time", "type",  "namespace",
        "http",  "error",        "throttle",    "fault",      "traced",   "cause", "origin",
        "user",  "resource_arn", "annotations", "metadata",   "aws",      "sql",   "service",
        "links", "subsegments",  "in_progress", "",           "Dummy"};
    for (const std::string& key : keys) {
      for (const std::string& value : wrong) {
        CAPTURE(key);
        CAPTURE(value);
        const std::string member = "{\"" + key + "\":" + value + ",";
        const OwningTree tree = tree_of({member + R"("sql":{"user":"behind"}})"});
        REQUIRE(tree.nodes.size() == (key == "subsegments" && value.starts_with("[{") ? 2 : 1));
        CHECK(tree.nodes[0].sql == R"({"user":"behind"})");
      }
    }
    const OwningTree tree =
        tree_of({R"({"name":3,"http":{"response":{"status":"abc"}},"fault":"yes",
        "start_time":"1","end_time":1795223084426,"annotations":[1],"links":{}})"});
    const TraceNode& one = tree.nodes[0];
    CHECK(one.name.empty());
    CHECK(one.http.status == 0);
    CHECK_FALSE(one.flags.fault);
    CHECK(one.start == 0);
    CHECK(one.is_in_progress);
    CHECK(one.annotations.empty());
    CHECK(one.links.empty());
    CHECK(tree.end == 0);
  }

  TEST_CASE("what SDKs write in ways of their own is read") {
    const OwningTree tree = tree_of({R"({"id":"0000000000000001","name":"caf\u00e9","start_time":5,
      "end_time":4,"in_progress":true,"cause":{"id":"00000000000000e1","exceptions":[]},
      "subsegments":[null,
        {"id":"0000000000000002","n\u0061me":"b","traced":true,"start_time":5.5,"namespace":"local",
         "http":{"request":{"url":"u"},"response":{"content_length":"120"}},"in_progress":false,
         "cause":"00000000000000e1","type":"segment"},
        {"id":"0000000000000003","name":"c","end_time":6,"cause":{"exceptions":[{"message":"m"}]},
         "metadata":{"k":{"v":-Infinity}}}]})"});

    REQUIRE(tree.nodes.size() == 3);
    CHECK(tree.nodes[0].name == "caf\xC3\xA9");
    CHECK(tree.nodes[0].is_segment);
    CHECK(tree.nodes[0].cause_id == "00000000000000e1");
    CHECK(tree.nodes[0].end == 5);
    CHECK_FALSE(tree.nodes[0].is_in_progress);
    CHECK(tree.nodes[1].name == "b");
    CHECK(tree.nodes[1].http.is_traced);
    CHECK(tree.nodes[1].http.content_length == 120);
    CHECK(tree.nodes[1].cause_id == "00000000000000e1");
    CHECK(tree.nodes[1].is_in_progress);
    CHECK_FALSE(tree.nodes[1].is_segment);
    CHECK(tree.nodes[2].start == 6);
    CHECK(tree.nodes[2].exceptions.at(0).message == "m");
    CHECK(tree.nodes[2].metadata == R"({"k":{"v":-Infinity}})");
  }

  TEST_CASE("a document that is no object is no node, and one that is cut is read up to there") {
    const std::vector<std::string> documents = {"", "17", "[1]", "null",
                                                R"({"name":"cut","subsegments":[{"name":"b","id")"};
    const OwningTree tree = tree_of(documents);

    REQUIRE(tree.nodes.size() == 2);
    CHECK(tree.nodes[0].name == "cut");
    CHECK(tree.nodes[0].document == 4);
    CHECK(tree.nodes[1].name == "b");
  }

  TEST_CASE("nesting of 250 levels is read, and what is nested deeper does not end the process") {
    const auto nest = [](int depth) {
      std::string text = R"({"name":"deepest"})";
      for (int level = 1; level < depth; ++level) text = R"({"subsegments":[)" + text + "]}";
      return text;
    };
    const OwningTree tree = tree_of({nest(250)});

    CHECK(tree.nodes.back().depth == 249);
    CHECK(tree.nodes.back().name == "deepest");
    CHECK(tree_of({nest(5000)}).nodes.size() > 250);
  }

  TEST_CASE("nodes that are too many for anybody are left out and counted") {
    std::deque<std::string> decoded;
    NodeReader reader(decoded, 3);
    reader.read(
        R"({"subsegments":[{"name":"b"},{"name":"c"},{"subsegments":[{}]},{}],"name":"a"})");
    reader.read(R"({"name":"d"})");

    CHECK(reader.left_out() == 3);
    const std::vector<TraceNode> nodes = reader.take();
    REQUIRE(nodes.size() == 3);
    CHECK(nodes[0].name == "a");
    CHECK(nodes[2].name == "c");

    NodeReader brief(decoded, 9, 4);
    brief.read(R"({"cause":{"exceptions":[{"stack":[{},{},{}],"truncated":2},{}]}})");
    CHECK(brief.left_out() == 1);
    const std::vector<TraceNode> failed = brief.take();
    REQUIRE(failed[0].exceptions.size() == 1);
    CHECK(failed[0].exceptions[0].stack.size() == 3);
    CHECK(failed[0].exceptions[0].truncated == 2);
    NodeReader briefer(decoded, 9, 2);
    briefer.read(R"({"cause":{"exceptions":[{"truncated":2,"stack":[{},{},{}]}]}})");
    CHECK(briefer.take()[0].exceptions[0].truncated == 4);
  }
}

}  // namespace node_reader_test
