#include "collect/service_graph.h"

#include <algorithm>
#include <string>

namespace xtrace::collect {

namespace {

/// Takes a span of time into the one from `start` to `end`, where 0 stands for none.
template <class Timed>
void widen(Timed& timed, double start, double end) {
  if (start <= 0) return;
  timed.start = timed.start > 0 ? std::min(timed.start, start) : start;
  timed.end = std::max(timed.end, end);
}

GraphEdge& edge_to(GraphNode& node, std::uint32_t to) {
  const auto found = std::ranges::find(node.edges, to, &GraphEdge::to);
  if (found != node.edges.end()) return *found;
  GraphEdge edge;
  edge.to = to;
  node.edges.push_back(std::move(edge));
  return node.edges.back();
}

}  // namespace

void GraphNumbers::add(const Flags& flags, double seconds) {
  ++count;
  if (flags.fault) {
    ++fault;
  } else if (flags.throttle) {
    ++throttle;
  } else if (flags.error) {
    ++error;
  } else {
    ++ok;
  }
  total_seconds += seconds;
  latency.add(seconds);
}

void ServiceGraph::add(const TraceDigest& trace) {
  nodes_of_trace_.clear();
  for (const DigestService& service : trace.services) {
    nodes_of_trace_.push_back(node_of(service, false));
  }
  for (const ServiceVisit& visit : trace.visits) {
    add_visit(nodes_of_trace_[visit.service], visit);
  }
  for (const EdgeVisit& call : trace.edges) {
    const std::uint32_t to = nodes_of_trace_[call.to];
    if (call.from == EdgeVisit::kClient) nodes_[to].is_root = true;
    const std::uint32_t from = call.from == EdgeVisit::kClient
                                   ? node_of(trace.services[call.to], true)
                                   : nodes_of_trace_[call.from];
    add_call(from, to, call);
  }
  if (trace.start <= 0) return;
  start_ = start_ > 0 ? std::min(start_, trace.start) : trace.start;
  end_ = std::max(end_, trace.start + trace.duration);
}

std::uint32_t ServiceGraph::node_of(const DigestService& service, bool is_client) {
  const std::string_view type = is_client ? kClientType : std::string_view(service.type);
  const auto found = indices_.find(KeyView(is_client, service.name, type, service.account));
  if (found != indices_.end()) return found->second;
  GraphNode node;
  node.service = {service.name, std::string(type), service.account};
  node.is_client = is_client;
  node.is_inferred = !is_client;  // Until a segment of its own comes.
  const auto index = static_cast<std::uint32_t>(nodes_.size());
  nodes_.push_back(std::move(node));
  indices_.emplace(Key(is_client, service.name, std::string(type), service.account), index);
  return index;
}

void ServiceGraph::add_visit(std::uint32_t index, const ServiceVisit& visit) {
  GraphNode& node = nodes_[index];
  if (visit.is_inferred && !node.is_inferred) return;
  if (!visit.is_inferred && node.is_inferred) {
    // The first segment of its own: what callers saw of it counts no more.
    node.is_inferred = false;
    node.numbers = {};
    node.start = node.end = 0;
  }
  widen(node, visit.start, visit.start + visit.duration);
  if (!visit.is_in_progress) node.numbers.add(visit.flags, visit.duration);
}

void ServiceGraph::add_call(std::uint32_t from, std::uint32_t to, const EdgeVisit& call) {
  const double end = call.start + call.duration;
  GraphEdge& edge = edge_to(nodes_[from], to);
  edge.numbers.add(call.flags, call.duration);
  widen(edge, call.start, end);
  if (nodes_[from].is_client) widen(nodes_[from], call.start, end);
}

}  // namespace xtrace::collect
