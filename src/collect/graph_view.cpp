#include "collect/graph_view.h"

#include "collect/trace_json.h"

namespace xtrace::collect {

namespace {

void write_bucket_pairs(JsonWriter& json, const LatencyBuckets& latency) {
  json.begin_array();
  for (const LatencyBuckets::Bucket& bucket : latency.buckets()) {
    json.begin_array();
    json.number(bucket.up_to);
    json.unsigned_integer(bucket.count);
    json.end_array();
  }
  json.end_array();
}

/// `span` is the graph's time in seconds.
void write_numbers(JsonWriter& json, const GraphNumbers& numbers, double span) {
  json.key("count");
  json.unsigned_integer(numbers.count);
  json.key("ok");
  json.unsigned_integer(numbers.ok);
  json.key("error");
  json.unsigned_integer(numbers.error);
  json.key("throttle");
  json.unsigned_integer(numbers.throttle);
  json.key("fault");
  json.unsigned_integer(numbers.fault);
  json.key("rate");
  json.seconds(span > 0 ? static_cast<double>(numbers.count) / span : 0);
  json.key("p50");
  json.seconds(numbers.latency.percentile(0.5));
  json.key("p95");
  json.seconds(numbers.latency.percentile(0.95));
  json.key("p99");
  json.seconds(numbers.latency.percentile(0.99));
  json.key("total");
  json.seconds(numbers.total_seconds);
  json.key("histogram");
  write_bucket_pairs(json, numbers.latency);
}

void write_node(JsonWriter& json, const GraphNode& node, double span) {
  json.begin_object();
  json.key("name");
  json.string(node.service.name);
  json.key("type");
  write_text(json, node.service.type);
  json.key("client");
  json.boolean(node.is_client);
  json.key("inferred");
  json.boolean(node.is_inferred);
  json.key("root");
  json.boolean(node.is_root);
  write_numbers(json, node.numbers, span);
  json.end_object();
}

void write_edge(JsonWriter& json, std::size_t from, const GraphEdge& edge, double span) {
  json.begin_object();
  json.key("from");
  json.unsigned_integer(from);
  json.key("to");
  json.unsigned_integer(edge.to);
  write_numbers(json, edge.numbers, span);
  json.end_object();
}

}  // namespace

void write_graph(JsonWriter& json, const ServiceGraph& graph) {
  const double span = graph.end() - graph.start();
  json.begin_object();
  json.key("nodes");
  json.begin_array();
  for (const GraphNode& node : graph.nodes()) write_node(json, node, span);
  json.end_array();
  json.key("edges");
  json.begin_array();
  for (std::size_t from = 0; from < graph.nodes().size(); ++from) {
    for (const GraphEdge& edge : graph.nodes()[from].edges) write_edge(json, from, edge, span);
  }
  json.end_array();
  json.key("start");
  json.seconds(graph.start());
  json.key("end");
  json.seconds(graph.end());
  json.end_object();
}

}  // namespace xtrace::collect
