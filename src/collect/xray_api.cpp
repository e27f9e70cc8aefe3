#include "collect/xray_api.h"

#include <algorithm>
#include <array>
#include <utility>

#include "collect/api_body.h"
#include "collect/api_documents.h"
#include "collect/api_queries.h"
#include "collect/api_reply.h"
#include "collect/sampling_desk.h"

namespace xtrace::collect {

namespace {

/// What the service has and we have not.
constexpr auto kForeignPaths = std::to_array<std::string_view>({
    "/CancelTraceRetrieval",
    "/CreateGroup",
    "/CreateSamplingRule",
    "/DeleteGroup",
    "/DeleteResourcePolicy",
    "/DeleteSamplingRule",
    "/EncryptionConfig",
    "/GetIndexingRules",
    "/GetRetrievedTracesGraph",
    "/GetTraceSegmentDestination",
    "/Insight",
    "/InsightEvents",
    "/InsightImpactGraph",
    "/InsightSummaries",
    "/ListResourcePolicies",
    "/ListRetrievedTraces",
    "/ListTagsForResource",
    "/PutEncryptionConfig",
    "/PutResourcePolicy",
    "/SamplingStatisticSummaries",
    "/StartTraceRetrieval",
    "/TagResource",
    "/TimeSeriesServiceStatistics",
    "/UntagResource",
    "/UpdateGroup",
    "/UpdateIndexingRule",
    "/UpdateSamplingRule",
    "/UpdateTraceSegmentDestination",
});

}  // namespace

struct XrayApi::Impl {
  using Answer = ApiReply (Impl::*)(ApiBody& body);
  struct Route {
    std::string_view path;
    Answer answer;
  };

  static const Route* find_route(std::string_view path);

  ApiReply put_segments(ApiBody& body) { return put_trace_segments(body, take); }
  ApiReply put_telemetry(ApiBody& body);
  ApiReply get_rules(ApiBody& body) { return desk->answer_rules(body); }
  ApiReply get_targets(ApiBody& body) { return desk->answer_targets(body); }
  ApiReply get_traces(ApiBody& body) { return batch_get_traces(body, store); }
  ApiReply get_summaries(ApiBody& body) { return get_trace_summaries(body, store); }
  ApiReply get_services(ApiBody& body) { return get_service_graph(body, store); }
  ApiReply get_graph(ApiBody& body) { return get_trace_graph(body, store); }
  ApiReply list_groups(ApiBody& body) { return get_groups(body); }
  ApiReply show_group(ApiBody& body) { return get_group(body); }

  void answer(ServerCall call, const Route& route, std::string_view body);
  void send(ServerCall call, const ApiReply& reply);

  static const std::array<Route, 10> kRoutes;

  const TraceStore& store;
  Take take;
  std::unique_ptr<SamplingDesk> desk;
  XrayApiStats counted{};
};

const std::array<XrayApi::Impl::Route, 10> XrayApi::Impl::kRoutes = {{
    {"/TraceSegments", &Impl::put_segments},
    {"/TelemetryRecords", &Impl::put_telemetry},
    {"/GetSamplingRules", &Impl::get_rules},
    {"/SamplingTargets", &Impl::get_targets},
    {"/Traces", &Impl::get_traces},
    {"/TraceSummaries", &Impl::get_summaries},
    {"/ServiceGraph", &Impl::get_services},
    {"/TraceGraph", &Impl::get_graph},
    {"/Groups", &Impl::list_groups},
    {"/GetGroup", &Impl::show_group},
}};

const XrayApi::Impl::Route* XrayApi::Impl::find_route(std::string_view path) {
  const auto found = std::ranges::find(kRoutes, path, &Route::path);
  return found == kRoutes.end() ? nullptr : &*found;
}

ApiReply XrayApi::Impl::put_telemetry(ApiBody& body) {
  const std::size_t count = body.elements("TelemetryRecords").size();
  if (body.complaint()) return invalid_request(*body.complaint());
  counted.telemetry_records += count;
  return {.body = "{}"};
}

void XrayApi::Impl::answer(ServerCall call, const Route& route, std::string_view text) {
  ApiBody body(text);
  send(std::move(call), (this->*route.answer)(body));
}

void XrayApi::Impl::send(ServerCall call, const ApiReply& reply) {
  if (!reply.error_type.empty()) {
    ++counted.refused;
    call.add_header("x-amzn-ErrorType", reply.error_type);
  }
  call.respond(reply.status, "application/json", reply.body);
}

Expected<std::unique_ptr<XrayApi>> XrayApi::make(const XrayApiConfig& config,
                                                 const TraceStore& store, Take take) {
  Expected<std::unique_ptr<SamplingDesk>> desk =
      SamplingDesk::make(config.rules_path, config.clock);
  if (const Error* error = desk.if_error()) return *error;
  std::shared_ptr<Impl> impl(new Impl{store, std::move(take), std::move(*desk)});
  return std::unique_ptr<XrayApi>(new XrayApi(std::move(impl)));
}

XrayApi::XrayApi(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

XrayApi::~XrayApi() = default;

bool XrayApi::is_mine(const IncomingRequest& request) {
  return Impl::find_route(request.path) != nullptr ||
         std::ranges::find(kForeignPaths, request.path) != kForeignPaths.end();
}

void XrayApi::handle(ServerCall call) {
  const std::string_view path = call.request().path;
  const Impl::Route* route = Impl::find_route(path);
  if (route == nullptr) {
    const ApiReply reply = error_reply(404, "UnknownOperationException",
                                       "This collector has no operation of this path.");
    return impl_->send(std::move(call), reply);
  }
  if (call.request().method != "POST") {
    call.add_header("Allow", "POST");
    const ApiReply reply = error_reply(405, "MethodNotAllowedException",
                                       "The operations of the X-Ray API are asked with POST.");
    return impl_->send(std::move(call), reply);
  }
  ++impl_->counted.requests[std::string{route->path}];
  call.set_body_limit(kLargestBody);
  collect_body(std::move(call),
               [weak = std::weak_ptr(impl_), route](ServerCall asking, Expected<std::string> body) {
                 const std::shared_ptr<Impl> impl = weak.lock();
                 if (impl == nullptr) return;
                 if (body) return impl->answer(std::move(asking), *route, *body);
                 ++impl->counted.refused;
               });
}

XrayApiStats XrayApi::stats() const {
  XrayApiStats stats = impl_->counted;
  stats.sampling_clients = impl_->desk->clients();
  stats.rules_fault = impl_->desk->fault();
  return stats;
}

}  // namespace xtrace::collect
