#pragma once

/// The calls of the API that bring documents and take them back: PutTraceSegments and
/// BatchGetTraces.

#include <functional>
#include <optional>
#include <string_view>

#include "collect/api_body.h"
#include "collect/api_reply.h"
#include "collect/trace_store.h"

namespace xtrace::collect {

/// Gives every document to `take`, and names those that the service would have refused, which are
/// kept all the same, with the service's code and the whole complaint.
ApiReply put_trace_segments(
    ApiBody& body, const std::function<std::optional<ServiceError>(std::string_view)>& take);

/// Each trace with its documents as they came, but for Python's NaN, which clients could not read:
/// it becomes null. Ids of no trace are UnprocessedTraceIds. Past some megabytes the rest is
/// another page's.
ApiReply batch_get_traces(ApiBody& body, const TraceStore& store);

}  // namespace xtrace::collect
