#include "collect/har_export.h"

#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "collect/csv_export.h"
#include "collect/perfetto_export.h"
#include "collect/prom_export.h"
#include "collect/track_layout.h"
#include "digests.h"
#include "tree_text.h"

namespace har_export_test {

using namespace xtrace;
using namespace xtrace::collect;
using xtrace::collect::testing::below;
using xtrace::collect::testing::nested;
using xtrace::collect::testing::node;
using xtrace::collect::testing::OwningTree;
using xtrace::collect::testing::tree_of;

namespace {

const TraceId kTrace = *TraceId::parse("1-58406520-a006649127e371903a2de979");

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

template <typename Write>
std::string text_of(const OwningTree& tree, Write write) {
  const ExportTrace trace{kTrace, tree};
  std::string text;
  {
    JsonWriter json(text);
    write(json, std::span(&trace, 1));
  }
  return text;
}

std::string har_of(const std::vector<std::string>& documents) {
  return text_of(tree_of(documents), write_har);
}

std::string request(const std::string& url, int status) {
  return R"("http":{"request":{"method":"GET","url":")" + url + R"("},"response":{"status":)" +
         std::to_string(status) + "}}";
}

}  // namespace

TEST_SUITE("collect/har_export") {
  TEST_CASE("a call's phases become the times of an entry, which add up") {
    const std::string har = har_of({node(
        "1", "shop", 0, 1,
        nested({node(
            "2", "h", 0, 0.1,
            R"("namespace":"remote",)" + request("http://h/p?a=1&b", 200) + "," +
                nested(
                    {node("3", "connect", 0.01, 0.06,
                          R"("metadata":{"http":{"connection":{"remote":"[::1]:443",)"
                          R"("number":4}}},)" +
                              nested({node("4", "dns", 0.01, 0.02), node("5", "dial", 0.02, 0.03),
                                      node("6", "tls", 0.03, 0.06)})),
                     node("7", "request", 0.06, 0.061), node("8", "response", 0.061, 0.09),
                     node("9", "body", 0.09, 0.1)}))}))});
    CHECK(count(har, "startedDateTime") == 1);
    CHECK(has(har, R"("startedDateTime":"2023-11-14T22:13:20.000000Z","time":100,)"));
    CHECK(has(har, R"("timings":{"blocked":10,"dns":10,"connect":40,"ssl":30,"send":1,"wait":29,)"
                   R"("receive":10},"serverIPAddress":"::1","connection":"4")"));
    CHECK(has(har, R"("queryString":[{"name":"a","value":"1"},{"name":"b","value":""}])"));
    CHECK(has(har, R"("_traceId":"1-58406520-a006649127e371903a2de979","_segmentId":)"
                   R"("0000000000000002","_service":"shop")"));
  }

  TEST_CASE("every attempt is an entry, and what they are attempts of is none") {
    const std::string har = har_of(
        {node("1", "shop", 0, 1,
              nested({node("2", "h", 0, 0.5,
                           R"("namespace":"remote",)" + request("http://h/p", 200) + "," +
                               nested({node("4", "Attempt:1", 0.2, 0.5, request("http://h/p", 200)),
                                       node("3", "Attempt:0", 0, 0.1,
                                            request("http://h/p", 503) +
                                                R"(,"cause":{"exceptions":[{"id":)"
                                                R"("00000000000000ee","message":"no"}]})")}))}))});
    REQUIRE(count(har, "startedDateTime") == 2);
    CHECK(har.find(R"("status":503)") < har.find(R"("status":200)"));
    CHECK(has(har, R"("_error":"no")"));
    // Without phases all of it is waiting.
    CHECK(has(har, R"("timings":{"blocked":-1,"dns":-1,"connect":-1,"ssl":-1,"send":0,"wait":100,)"
                   R"("receive":0})"));
  }

  TEST_CASE("a segment is an entry where nobody of the trace asked for it") {
    const std::string root = node("1", "shop", 0, 1, request("http://shop/", 200));
    CHECK(count(har_of({root}), "startedDateTime") == 1);
    const std::string caller = node(
        "8", "client", 0, 2,
        nested(
            {node("9", "shop", 0, 2, R"("namespace":"remote",)" + request("http://shop/", 200))}));
    const std::string callee =
        node("1", "shop", 0, 1, below("9") + "," + request("http://shop/", 200));
    const std::string har = har_of({caller, callee});
    CHECK(count(har, "startedDateTime") == 1);
    CHECK(has(har, R"("_service":"client")"));
  }
}

TEST_SUITE("collect/perfetto_export") {
  TEST_CASE("bars that overlap share a track only where one is part of the other") {
    const auto tree =
        tree_of({node("1", "shop", 0, 10,
                      nested({node("2", "a", 1, 4, nested({node("3", "inner", 2, 3)})),
                              node("4", "b", 3.5, 6), node("5", "c", 6, 7),
                              node("6", "behind", 9, 12), node("7", "now", 4, 4),
                              node("8", "pay", 5, 5.5, R"("namespace":"remote")")})),
                 node("9", "pay", 5.1, 5.4, below("8"))});
    const ExportTrace trace{kTrace, tree};
    const TrackLayout layout(std::span(&trace, 1));
    std::string tracks;
    for (std::uint32_t index = 0; index < tree.nodes.size(); ++index) {
      const TrackBar& bar = *layout.find(0, index);
      tracks += std::string(tree.nodes[index].name) + ":" + std::to_string(bar.process) + "/" +
                std::to_string(bar.track) + " ";
    }
    CHECK(tracks == "shop:1/1 a:1/1 inner:1/1 b:1/2 now:1/1 pay:1/1 pay:2/1 c:1/1 behind:1/2 ");
    CHECK(layout.tracks(1) == 2);
    // Of any two on one track, one ends before the other begins, or is above it.
    for (const TrackBar& one : layout.bars()) {
      for (const TrackBar& two : layout.bars()) {
        if (one.process != two.process || one.track != two.track || one.begin >= two.begin)
          continue;
        CHECK((one.end <= two.begin || one.end >= two.end));
      }
    }
  }

  TEST_CASE("bars that all overlap are placed in time that grows with their number") {
    std::string calls;
    for (int i = 0; i < 20000; ++i) {
      const std::string id = std::to_string(i + 10);
      calls += (calls.empty() ? "" : ",") + node(id, "call", 1 + i * 1e-5, 5 + i * 1e-5);
    }
    const auto tree = tree_of({node("1", "shop", 0, 10, R"("subsegments":[)" + calls + "]")});
    const ExportTrace trace{kTrace, tree};
    const Tick begun = now().tick;
    const TrackLayout layout(std::span(&trace, 1));
    CHECK(layout.tracks(1) + tree.left_out == 20000);
    CHECK(now().tick - begun < std::chrono::seconds(5));
  }

  TEST_CASE("services are processes, calls between them arrows, exceptions instants") {
    const auto tree = tree_of(
        {node("1", "shop", 0, 1,
              R"("annotations":{"k":1},)" +
                  nested({node("2", "pay", 0.25, 0.75, R"("namespace":"remote")")})),
         node("3", "pay", 0.5, 0.625,
              below("2") + R"(,"fault":true,"cause":{"exceptions":[{"id":"00000000000000ee",)"
                           R"("type":"Oops","message":"m"}]})")});
    const std::string text = text_of(tree, write_perfetto);
    CHECK(has(text, R"({"ph":"M","name":"process_name","pid":2,"tid":0,"args":{"name":"pay"}})"));
    CHECK(has(text, R"({"ph":"X","name":"shop","cat":"segment","pid":1,"tid":1,"ts":)"
                    R"(1700000000000000,"dur":1000000,)"));
    CHECK(has(text, R"("annotations":{"k":1})"));
    CHECK(has(text, R"({"ph":"s","name":"call","cat":"subsegment","pid":1,"tid":1,"ts":)"
                    R"(1700000000250000,"id":1})"));
    CHECK(has(text, R"({"ph":"f","name":"call","cat":"segment","pid":2,"tid":1,"ts":)"
                    R"(1700000000500000,"bp":"e","id":1})"));
    CHECK(has(text, R"({"ph":"i","name":"Oops","cat":"segment","pid":2,"tid":1,"ts":)"
                    R"(1700000000625000,"s":"t","args":{"message":"m"}})"));
    CHECK(has(text, R"("cname":"terrible")"));
  }
}

TEST_SUITE("collect/csv_export") {
  TEST_CASE("a row has what a node has, quoted where a table needs it") {
    const auto tree = tree_of(
        {node("1", "=shop, \\\"x\\\"", 0, 1.5,
              R"("http":{"request":{"method":"GET","url":"http://h/,"},"response":{"status":503}},)"
              R"("fault":true,"parent_id":"00000000000000aa")")});
    CHECK(trace_csv_rows({kTrace, tree}) ==
          "1-58406520-a006649127e371903a2de979,0000000000000001,00000000000000aa,segment,"
          "\"'=shop, \"\"x\"\"\",\"'=shop, \"\"x\"\"\",,0,1700000000.000000,1500000,1500000,GET,"
          "\"http://h/,\",503,0,0,1,0\r\n");
    CHECK(count(trace_csv_header(), ",") == count(trace_csv_rows({kTrace, tree}), ",") - 3);
  }
}

TEST_SUITE("collect/prom_export") {
  TEST_CASE("services are counted by what came of them, and timed") {
    TraceDigest digest = collect::testing::checkout_digest();
    digest.services[0].name = "check\"out";
    const TraceDigest* const digests[] = {&digest};
    const std::string text = prom_of_traces(digests);
    CHECK(has(text,
              "xtrace_trace_requests_total{service=\"pay\",type=\"AWS::EC2::Instance\","
              "outcome=\"fault\"} 1\n"));
    CHECK(has(text, "outcome=\"throttle\"} 1\n"));
    CHECK(has(text, "{service=\"check\\\"out\",type=\"AWS::ECS::Container\",le=\"0.5\"} 0\n"));
    CHECK(has(text, "{service=\"check\\\"out\",type=\"AWS::ECS::Container\",le=\"1\"} 1\n"));
    CHECK(has(text, "_sum{service=\"pay\",type=\"AWS::EC2::Instance\"} 1.7\n"));
    CHECK(has(text, "_count{service=\"pay\",type=\"AWS::EC2::Instance\"} 2\n"));
    CHECK(prom_of_traces({}).empty());
  }
}

}  // namespace har_export_test
