#pragma once

/// Puts a `ServerTrace` in front of an `HttpServer`'s handler.
///
///     auto server = HttpServer::listen(loop, config,
///         traced_handler(trace, [&](ServerCall call, const SegmentContext& segment) { ... }));
///
/// Each request gets a segment, which ends when its answer was sent whole or the exchange broke
/// off, with what happened. The handler is given it, to hand on to a `TracedClient` and to whatever
/// outlives the call; while the handler runs it is also the thread's current one (`ContextScope`).

#include <functional>

#include <xtrace/http_server.h>
#include <xtrace/incoming_request.h>
#include <xtrace/segment_context.h>
#include <xtrace/server_call.h>
#include <xtrace/server_trace.h>

namespace xtrace {

using TracedHandler = std::function<void(ServerCall, const SegmentContext&)>;

/// `trace` outlives the server.
HttpHandler traced_handler(ServerTrace& trace, TracedHandler handler);

/// Calls `use` with the facts of a request, which are valid until it returns. For those who serve
/// with something that is like `HttpServer`.
void with_request_facts(const IncomingRequest& request, bool is_encrypted, std::string_view peer_ip,
                        const std::function<void(const ServerRequestFacts&)>& use);

}  // namespace xtrace
