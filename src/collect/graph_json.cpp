#include "collect/graph_json.h"

#include "collect/trace_summary.h"

namespace xtrace::collect {

namespace {

void write_times(JsonWriter& json, double start, double end) {
  json.key("StartTime");
  json.seconds(start);
  json.key("EndTime");
  json.seconds(end);
}

void write_statistics(JsonWriter& json, const GraphNumbers& numbers) {
  json.key("SummaryStatistics");
  json.begin_object();
  json.key("OkCount");
  json.unsigned_integer(numbers.ok);
  json.key("ErrorStatistics");
  json.begin_object();
  json.key("ThrottleCount");
  json.unsigned_integer(numbers.throttle);
  json.key("OtherCount");
  json.unsigned_integer(numbers.error);
  json.key("TotalCount");
  json.unsigned_integer(numbers.throttle + numbers.error);
  json.end_object();
  json.key("FaultStatistics");
  json.begin_object();
  json.key("OtherCount");
  json.unsigned_integer(numbers.fault);
  json.key("TotalCount");
  json.unsigned_integer(numbers.fault);
  json.end_object();
  json.key("TotalCount");
  json.unsigned_integer(numbers.count);
  json.key("TotalResponseTime");
  json.seconds(numbers.total_seconds);
  json.end_object();
}

void write_histogram(JsonWriter& json, const LatencyBuckets& latency) {
  json.begin_array();
  for (const LatencyBuckets::Bucket& bucket : latency.buckets()) {
    json.begin_object();
    json.key("Value");
    json.seconds(bucket.value);
    json.key("Count");
    json.unsigned_integer(bucket.count);
    json.end_object();
  }
  json.end_array();
}

void write_edge(JsonWriter& json, const GraphEdge& edge) {
  json.begin_object();
  json.key("ReferenceId");
  json.unsigned_integer(edge.to);
  write_times(json, edge.start, edge.end);
  write_statistics(json, edge.numbers);
  json.key("ResponseTimeHistogram");
  write_histogram(json, edge.numbers.latency);
  json.key("Aliases");
  json.begin_array();
  json.end_array();
  json.end_object();
}

}  // namespace

void write_services(JsonWriter& json, const ServiceGraph& graph) {
  json.begin_array();
  for (std::size_t node = 0; node < graph.nodes().size(); ++node) write_service(json, graph, node);
  json.end_array();
}

void write_service(JsonWriter& json, const ServiceGraph& graph, std::size_t index) {
  const GraphNode& node = graph.nodes()[index];
  json.begin_object();
  json.key("ReferenceId");
  json.unsigned_integer(index);
  write_service_id(json, node.service);
  if (node.is_root) {
    json.key("Root");
    json.boolean(true);
  }
  // As the service: it knows of the life of those alone who send segments.
  json.key("State");
  json.string(node.is_client || node.is_inferred ? "unknown" : "active");
  write_times(json, node.start, node.end);
  json.key("Edges");
  json.begin_array();
  for (const GraphEdge& edge : node.edges) write_edge(json, edge);
  json.end_array();
  if (!node.is_client) {
    write_statistics(json, node.numbers);
    json.key("DurationHistogram");
    write_histogram(json, node.numbers.latency);
    json.key("ResponseTimeHistogram");
    write_histogram(json, node.numbers.latency);
  }
  json.end_object();
}

}  // namespace xtrace::collect
