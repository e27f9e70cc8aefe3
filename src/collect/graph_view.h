#pragma once

/// The service map as the page gets it (src/collect/web/README.md).

#include "base/json_writer.h"
#include "collect/service_graph.h"

namespace xtrace::collect {

void write_graph(JsonWriter& json, const ServiceGraph& graph);

}  // namespace xtrace::collect
