#include "collect/trace_json.h"

#include <string>

#include <doctest/doctest.h>

#include "collect/graph_view.h"
#include "collect/trace_export.h"
#include "collect/trace_store.h"
#include "documents.h"

namespace trace_json_test {

using namespace xtrace;
using namespace xtrace::collect;
using xtrace::collect::testing::segment;
using xtrace::collect::testing::trace_id;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// A store with what was put into it, and a look at its first trace.
struct Shelf {
  TraceStore store{StoreLimits{}};

  void add(const std::string& document) {
    store.add(document, Door::udp, WallTime{std::chrono::milliseconds(1500)});
  }
  const StoredTrace& trace() const { return *store.find(trace_id(0)); }
  std::string row() const {
    std::string out;
    JsonWriter json(out);
    write_row(json, trace(), store.digest(trace()));
    return out;
  }
  std::string whole() const {
    std::string out;
    JsonWriter json(out);
    write_trace(json, trace(), store.digest(trace()), build_tree(trace()));
    return out;
  }
};

std::string block(std::string_view text) {
  std::string out;
  JsonWriter json(out);
  write_block(json, text);
  return out;
}

}  // namespace

TEST_SUITE("collect/trace_json") {
  TEST_CASE("a row says what lists show, and null where the root has none") {
    Shelf shelf;
    shelf.add(segment(0, 1, R"("end_time":1.25)"));
    CHECK(shelf.row() ==
          R"({"id":"1-58406520-000000000000000000000000","name":"shop","method":null,"url":null,)"
          R"("status":null,"start":1.000000,"duration":0.250000,"response_time":0.250000,)"
          R"("error":false,"throttle":false,"fault":false,"in_progress":false,"complete":true,)"
          R"("services":["shop"],"segments":1,"subsegments":0,"waiting":0,"refused":0,)"
          R"("duplicates":0,"received":1.500000,"revision":1})");
  }

  TEST_CASE("a row has the root's request, flags, and each service once") {
    Shelf shelf;
    shelf.add(segment(0, 1,
                      R"("end_time":2,"fault":true,"http":{"request":{"method":"POST","url":)"
                      R"("http://h/p"},"response":{"status":503}})"));
    shelf.add(segment(0, 2, R"("in_progress":true,"parent_id":"00000000000000aa")", "pay"));
    shelf.add(segment(0, 3, R"("end_time":2,"parent_id":"00000000000000aa")", "pay"));
    const std::string row = shelf.row();
    CHECK(has(row, R"("method":"POST","url":"http://h/p","status":503,)"));
    CHECK(
        has(row, R"("fault":true,"in_progress":true,"complete":false,"services":["shop","pay"])"));
    CHECK(has(row, R"("segments":3,"subsegments":0,"waiting":2,)"));
    shelf.add(segment(0, 1, R"("end_time":2)", std::string(200'000, 'x')));
    CHECK(has(shelf.row(), R"("name":")" + std::string(1024, 'x') + R"(","method":null,)"));
    CHECK(shelf.row().size() < 3000);
  }

  TEST_CASE("a trace has its nodes in order and its documents as they came") {
    Shelf shelf;
    shelf.add(segment(
        0, 1,
        R"("end_time":2,"user":"ann","metadata":{"a":{ "b":[NaN,1e30,"NaN"]}},"subsegments":[)"
        R"({"id":"0000000000000002","name":"db","start_time":1.5,"end_time":1.75,"namespace":)"
        R"("remote","cause":{"exceptions":[{"id":"00000000000000ee","type":"T","message":"m",)"
        R"("stack":[{"path":"a.js","label":"f","line":3}]}]}}])"));
    const std::string whole = shelf.whole();
    CHECK(has(whole, R"("left_out":0,"nodes":[{"parent":-1,"depth":0,"document":0,"segment":0,)"
                     R"("is_segment":true,"in_progress":false,"waiting":false,"inferred":false,)"
                     R"("id":"0000000000000001","parent_id":null,"name":"shop","namespace":null,)"
                     R"("origin":null,"user":"ann")"));
    CHECK(has(whole, R"({"parent":0,"depth":1,"document":0,"segment":0,"is_segment":false,)"));
    CHECK(has(whole, R"("exceptions":[{"id":"00000000000000ee","type":"T","message":"m",)"
                     R"("cause":null,"remote":false,"truncated":0,)"
                     R"("stack":[{"path":"a.js","label":"f","line":3}]}])"));
    CHECK(has(whole, R"("documents":[{"id":"0000000000000001","text":"{\"trace_id\":\"1-)"));
    CHECK(has(whole, R"(\"b\":[NaN,1e30,\"NaN\"])"));
    CHECK(has(whole, R"("received":1.500000,"door":"udp","refusal":)"));
  }

  TEST_CASE("a document that the service would refuse says why") {
    Shelf shelf;
    shelf.add(R"({"trace_id":"1-58406520-000000000000000000000000","id":"0000000000000001",)"
              R"("name":"shop","start_time":1})");
    CHECK(has(shelf.row(), R"("refused":1)"));
    CHECK(has(shelf.whole(), "MissingEndTime"));
  }

  TEST_CASE("a block is copied as it is but for what is no JSON") {
    CHECK(block("") == "null");
    CHECK(block(R"({ "a" : [1.50, "\u0041", {}] })") == R"({ "a" : [1.50, "\u0041", {}] })");
    CHECK(block(R"({"a":NaN,"b":[-Infinity,Infinity],"NaN":"Infinity \"NaN"})") ==
          R"({"a":null,"b":[null,null],"NaN":"Infinity \"NaN"})");
  }

  TEST_CASE("no JSON that leaves here holds markup, and none changes its meaning") {
    CHECK(without_markup(R"(["a","b"])") == R"(["a","b"])");
    CHECK(without_markup(R"(["</script><!--","<"])") == R"(["\u003c/script>\u003c!--","\u003c"])");
  }

  TEST_CASE("a map has the numbers of its services and of the calls between them") {
    Shelf shelf;
    shelf.add(segment(
        0, 1,
        R"("end_time":3,"subsegments":[{"id":"0000000000000002","name":"table","start_time":1,)"
        R"("end_time":2,"namespace":"aws","throttle":true,"error":true}])"));
    ServiceGraph graph;
    graph.add(shelf.store.digest(shelf.trace()));
    std::string out;
    {
      JsonWriter json(out);
      write_graph(json, graph);
    }
    CHECK(has(out, R"("name":"shop","type":null,)"));
    CHECK(has(out, R"("count":1,"ok":0,"error":0,"throttle":1,"fault":0,"rate":0.500000,)"));
    CHECK(has(out, R"("histogram":[[)"));
    CHECK(has(out, R"("start":1.000000,"end":3.000000})"));
  }

  TEST_CASE("an exported trace is what BatchGetTraces answers") {
    Shelf shelf;
    shelf.add(segment(0, 1, R"("end_time":1.25)"));
    const TraceExport format = xray_export();
    CHECK(format.suffix == "json");
    CHECK(
        format.write(shelf.trace(), build_tree(shelf.trace()), shelf.store.digest(shelf.trace())) ==
        R"({"Traces":[{"Id":"1-58406520-000000000000000000000000","Duration":0.25,)"
        R"("LimitExceeded":false,"Segments":[{"Id":"0000000000000001","Document":"{)"
        R"(\"trace_id\":\"1-58406520-000000000000000000000000\",\"id\":\"0000000000000001\",)"
        R"(\"name\":\"shop\",\"start_time\":1,\"end_time\":1.25}"}]}],"UnprocessedTraceIds":[]})");
    Shelf python;
    python.add(segment(0, 1, R"("end_time":2,"metadata":{"default":{"a":NaN,"b":"NaN"}})"));
    CHECK(has(format.write(python.trace(), {}, python.store.digest(python.trace())),
              R"({\"a\":null,\"b\":\"NaN\"})"));
  }
}

}  // namespace trace_json_test
