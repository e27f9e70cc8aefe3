#include "collect/service_graph.h"

#include <cmath>
#include <string>

#include <doctest/doctest.h>

#include "base/json_writer.h"
#include "collect/digests.h"
#include "collect/graph_json.h"

namespace service_graph_test {

using namespace xtrace;
using namespace xtrace::collect;
using namespace xtrace::collect::testing;

namespace {

const GraphNode& node_named(const ServiceGraph& graph, std::string_view name,
                            std::string_view type = {}) {
  for (const GraphNode& node : graph.nodes()) {
    const bool is_type = type.empty() ? !node.is_client : node.service.type == type;
    if (node.service.name == name && is_type) return node;
  }
  FAIL("no node of this name");
  return graph.nodes().front();
}

/// Calls of `table` alone: by whom is of no matter here.
TraceDigest calls_of_table(bool is_inferred, double seconds) {
  TraceDigest trace;
  trace.start = 100;
  trace.duration = seconds;
  trace.services = {{"table", "AWS::DynamoDB::Table", ""}};
  trace.visits = {{.service = 0, .is_inferred = is_inferred, .start = 100, .duration = seconds}};
  return trace;
}

}  // namespace

TEST_SUITE("collect/latency_buckets") {
  TEST_CASE("percentiles are within five percent from a microsecond to an hour") {
    for (double seconds = 1e-6; seconds < 3600; seconds *= 1.7) {
      LatencyBuckets latency;
      // Others on both sides, so that the ends of what occurred do not help.
      for (const double value : {seconds / 50, seconds, seconds, seconds * 50}) latency.add(value);
      CAPTURE(seconds);
      CHECK(std::abs(latency.percentile(0.5) / seconds - 1) < 0.05);
    }
  }

  TEST_CASE("a percentile is the value of the nearest rank, and never outside of what occurred") {
    LatencyBuckets latency;
    CHECK(latency.percentile(0.5) == 0);
    for (int value = 1; value <= 100; ++value) latency.add(value);

    CHECK(latency.count() == 100);
    CHECK(latency.percentile(0) == 1);
    CHECK(latency.percentile(0.5) == doctest::Approx(50).epsilon(0.05));
    CHECK(latency.percentile(0.95) == doctest::Approx(95).epsilon(0.05));
    CHECK(latency.percentile(1) <= 100);
    CHECK(latency.percentile(7) <= 100);

    LatencyBuckets one;
    one.add(0.123);
    CHECK(one.percentile(0.99) == 0.123);
  }

  TEST_CASE("buckets ascend, bound what is in them and count everything") {
    LatencyBuckets latency;
    const double values[] = {5, 0.001, 0.2, 0.2, -1, 0, 1e9};
    for (const double value : values) latency.add(value);
    latency.add(std::nan(""));

    const std::vector<LatencyBuckets::Bucket> buckets = latency.buckets();
    REQUIRE(buckets.size() == 5);
    CHECK(buckets[0].count == 2);
    CHECK(buckets[2].count == 2);
    CHECK(buckets[2].up_to >= 0.2);
    CHECK(buckets[2].up_to < 0.22);
    CHECK(buckets[4].up_to == 1e9);
    for (std::size_t at = 1; at < buckets.size(); ++at) {
      CHECK(buckets[at - 1].up_to < buckets[at].up_to);
      CHECK(buckets[at].value <= buckets[at].up_to);
    }
    CHECK(latency.count() == 7);
  }

  TEST_CASE("merged buckets are as if all had come to one") {
    LatencyBuckets one;
    LatencyBuckets other;
    LatencyBuckets all;
    for (int value = 1; value < 200; ++value) {
      (value % 3 == 0 ? one : other).add(value * 0.01);
      all.add(value * 0.01);
    }
    one.merge(other);
    one.merge(LatencyBuckets{});

    CHECK(one.count() == all.count());
    for (const double share : {0.0, 0.1, 0.5, 0.95, 1.0}) {
      CHECK(one.percentile(share) == all.percentile(share));
    }
    CHECK(one.buckets().size() == all.buckets().size());
  }
}

TEST_SUITE("collect/service_graph") {
  TEST_CASE("a node has its own segments' numbers, an edge what its caller saw") {
    ServiceGraph graph;
    graph.add(checkout_digest());

    REQUIRE(graph.nodes().size() == 4);
    const GraphNode& checkout = node_named(graph, "checkout");
    CHECK(checkout.is_root);
    CHECK(checkout.numbers.count == 1);
    CHECK(checkout.numbers.ok == 1);
    REQUIRE(checkout.edges.size() == 1);
    const GraphNode& pay = node_named(graph, "pay");
    CHECK(&graph.nodes()[checkout.edges[0].to] == &pay);
    CHECK(pay.numbers.count == 2);
    CHECK(pay.numbers.fault == 1);
    CHECK(pay.numbers.total_seconds == doctest::Approx(1.7));
    CHECK(checkout.edges[0].numbers.count == 2);
    CHECK(checkout.edges[0].numbers.total_seconds == doctest::Approx(1.75));
    CHECK_FALSE(pay.is_root);
    CHECK_FALSE(pay.is_inferred);
    CHECK(graph.start() == 1480615200.5);
    CHECK(graph.end() == 1480615203.0);
  }

  TEST_CASE("a service that sent no segment is inferred until it sends one") {
    ServiceGraph graph;
    graph.add(calls_of_table(true, 3));
    graph.add(calls_of_table(true, 5));
    CHECK(graph.nodes()[0].is_inferred);
    CHECK(graph.nodes()[0].numbers.count == 2);
    CHECK(graph.nodes()[0].end == 105);

    graph.add(calls_of_table(false, 1));
    graph.add(calls_of_table(true, 7));
    REQUIRE(graph.nodes().size() == 1);
    CHECK_FALSE(graph.nodes()[0].is_inferred);
    CHECK(graph.nodes()[0].numbers.count == 1);
    CHECK(graph.nodes()[0].numbers.total_seconds == 1);
    CHECK(graph.nodes()[0].end == 101);
    CHECK(graph.end() == 107);
  }

  TEST_CASE("a client of its name stands in front of each root") {
    ServiceGraph graph;
    graph.add(checkout_digest());
    graph.add(checkout_digest());

    const GraphNode& client = node_named(graph, "checkout", kClientType);
    CHECK(client.is_client);
    CHECK_FALSE(client.is_inferred);
    CHECK(client.numbers.count == 0);
    REQUIRE(client.edges.size() == 1);
    CHECK(graph.nodes()[client.edges[0].to].service.type == "AWS::ECS::Container");
    CHECK(client.edges[0].numbers.count == 2);
    CHECK(client.start == 1480615200.5);
  }

  TEST_CASE("each call counts under the worst of its flags, and when it is done") {
    GraphNumbers numbers;
    numbers.add({.error = true, .throttle = true, .fault = true}, 1);
    numbers.add({.error = true, .throttle = true}, 1);
    numbers.add({.error = true}, 1);
    numbers.add({}, 1);
    CHECK(numbers.fault == 1);
    CHECK(numbers.throttle == 1);
    CHECK(numbers.error == 1);
    CHECK(numbers.ok == 1);
    CHECK(numbers.count == 4);

    TraceDigest trace = calls_of_table(false, 2);
    trace.visits[0].is_in_progress = true;
    ServiceGraph graph;
    graph.add(trace);
    CHECK_FALSE(graph.nodes()[0].is_inferred);
    CHECK(graph.nodes()[0].numbers.count == 0);
    CHECK(graph.nodes()[0].start == 100);
  }

  TEST_CASE("services of one name and another type, or account, are told apart") {
    TraceDigest trace;
    trace.services = {{"f", "AWS::Lambda", ""},
                      {"f", "AWS::Lambda::Function", ""},
                      {"f", "AWS::Lambda", "1"},
                      {"f", "AWS::Lambda", ""}};
    ServiceGraph graph;
    graph.add(trace);
    CHECK(graph.nodes().size() == 3);
    CHECK(graph.start() == 0);
  }
}

TEST_SUITE("collect/graph_json") {
  TEST_CASE("a graph is written as the service's list of services") {
    TraceDigest trace;
    trace.start = 1480615200.5;
    trace.duration = 0.25;
    trace.services = {{"api", "AWS::EC2::Instance", "1"}, {"t", "", ""}};
    trace.visits = {{.service = 0,
                     .is_root = true,
                     .flags = {.error = true},
                     .start = trace.start,
                     .duration = 0.25},
                    {.service = 1, .is_inferred = true, .start = trace.start, .duration = 0.125}};
    trace.edges = {{.from = 0, .to = 1, .start = trace.start, .duration = 0.125},
                   {.to = 0, .start = trace.start, .duration = 0.25}};
    ServiceGraph graph;
    graph.add(trace);
    std::string text;
    {
      JsonWriter json(text);
      write_services(json, graph);
    }

    const std::string numbers =
        "\"ErrorStatistics\":{\"ThrottleCount\":0,\"OtherCount\":0,\"TotalCount\":0},"
        "\"FaultStatistics\":{\"OtherCount\":0,\"TotalCount\":0},\"TotalCount\":1,";
    const std::string table_times =
        "\"StartTime\":1480615200.500000,\"EndTime\":1480615200.625000,";
    const std::string api_times = "\"StartTime\":1480615200.500000,\"EndTime\":1480615200.750000,";
    const std::string table_histogram = "[{\"Value\":0.125000,\"Count\":1}]";
    const std::string api_histogram = "[{\"Value\":0.250000,\"Count\":1}]";
    const std::string table_numbers =
        "\"SummaryStatistics\":{\"OkCount\":1," + numbers + "\"TotalResponseTime\":0.125000},";
    CHECK(text ==
          "[{\"ReferenceId\":0,\"Name\":\"api\",\"Names\":[\"api\"],\"AccountId\":\"1\","
          "\"Type\":\"AWS::EC2::Instance\",\"Root\":true,\"State\":\"active\"," +
              api_times + "\"Edges\":[{\"ReferenceId\":1," + table_times + table_numbers +
              "\"ResponseTimeHistogram\":" + table_histogram +
              ",\"Aliases\":[]}],"
              "\"SummaryStatistics\":{\"OkCount\":0,\"ErrorStatistics\":{\"ThrottleCount\":0,"
              "\"OtherCount\":1,\"TotalCount\":1},\"FaultStatistics\":{\"OtherCount\":0,"
              "\"TotalCount\":0},\"TotalCount\":1,\"TotalResponseTime\":0.250000},"
              "\"DurationHistogram\":" +
              api_histogram + ",\"ResponseTimeHistogram\":" + api_histogram +
              "},{\"ReferenceId\":1,\"Name\":\"t\",\"Names\":[\"t\"],\"State\":\"unknown\"," +
              table_times + "\"Edges\":[]," + table_numbers + "\"DurationHistogram\":" +
              table_histogram + ",\"ResponseTimeHistogram\":" + table_histogram +
              "},{\"ReferenceId\":2,\"Name\":\"api\",\"Names\":[\"api\"],\"AccountId\":\"1\","
              "\"Type\":\"client\",\"State\":\"unknown\"," +
              api_times + "\"Edges\":[{\"ReferenceId\":0," + api_times +
              "\"SummaryStatistics\":{\"OkCount\":1," + numbers +
              "\"TotalResponseTime\":0.250000},\"ResponseTimeHistogram\":" + api_histogram +
              ",\"Aliases\":[]}]}]");
  }
}

}  // namespace service_graph_test
