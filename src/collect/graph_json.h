#pragma once

/// A service graph as GetServiceGraph and GetTraceGraph answer it: the service's `Service` and
/// `Edge` of 2016-04-12.
///
/// A ReferenceId is the node's index in the graph. Histograms give the middle of each bucket, for
/// the service gives values that occurred.

#include <cstddef>

#include "base/json_writer.h"
#include "collect/service_graph.h"

namespace xtrace::collect {

/// The array `Services`: every node.
void write_services(JsonWriter& json, const ServiceGraph& graph);

/// One element of it.
void write_service(JsonWriter& json, const ServiceGraph& graph, std::size_t node);

}  // namespace xtrace::collect
