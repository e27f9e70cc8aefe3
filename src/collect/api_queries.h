#pragma once

/// The calls of the API that ask about many traces: GetTraceSummaries, GetServiceGraph,
/// GetTraceGraph and GetGroups.

#include "collect/api_body.h"
#include "collect/api_reply.h"
#include "collect/trace_store.h"

namespace xtrace::collect {

/// Pages of 100, the latest trace first. A token says behind which trace the next page begins, so
/// that traces that arrive meanwhile neither repeat one nor hide one.
ApiReply get_trace_summaries(ApiBody& body, const TraceStore& store);

/// Of every trace that ran within the time frame. There is one group, `Default`, of all traces.
ApiReply get_service_graph(ApiBody& body, const TraceStore& store);

/// Of the traces named; ids of no trace add nothing.
ApiReply get_trace_graph(ApiBody& body, const TraceStore& store);

ApiReply get_groups(ApiBody& body);
ApiReply get_group(ApiBody& body);

}  // namespace xtrace::collect
