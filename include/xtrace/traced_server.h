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
#include <string>
#include <string_view>

#include <xtrace/http_server.h>
#include <xtrace/incoming_request.h>
#include <xtrace/segment_context.h>
#include <xtrace/server_call.h>
#include <xtrace/server_trace.h>

namespace xtrace {

/// The reference is valid until the handler returns; what goes on afterwards copies it. What a
/// handler throws is recorded, and goes no further: the call that it drops thereby is answered with
/// 500.
using TracedHandler = std::function<void(ServerCall, const SegmentContext&)>;

/// `trace` outlives the server. What is to be recorded in the segment is recorded before the call
/// is answered, or dropped: it may leave at that moment, before a later `on_end` runs.
HttpHandler traced_handler(ServerTrace& trace, TracedHandler handler);

/// The facts of a request, for those who serve with something that is like `HttpServer`; valid for
/// as long as this object, the request and `peer_ip` are.
class RequestFacts {
 public:
  explicit RequestFacts(const IncomingRequest& request, bool is_encrypted = false,
                        std::string_view peer_ip = {});
  RequestFacts(const RequestFacts&) = delete;
  RequestFacts& operator=(const RequestFacts&) = delete;
  ~RequestFacts() = default;

  const ServerRequestFacts& facts() const { return facts_; }

 private:
  void take(const FieldView& field);

  ServerRequestFacts facts_{};
  bool has_traceparent_ = false;
  // The values of a field that came more than once.
  std::string forwarded_for_{};
  std::string tracestate_{};
};

}  // namespace xtrace
