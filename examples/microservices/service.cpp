#include "microservices/service.h"

#include <utility>

#include <xtrace/sampler.h>
#include <xtrace/traced_server.h>
#include <xtrace/udp_emitter.h>

#include "base/random.h"
#include "cli/units.h"
#include "stage/daemon_log.h"

namespace xtrace::examples {

namespace {

bool is_id(std::string_view text) {
  constexpr std::size_t kLongest = 128;
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/+=";
  return !text.empty() && text.size() <= kLongest &&
         text.find_first_not_of(kAllowed) == std::string_view::npos;
}

std::string id_of(const IncomingRequest& request) {
  const std::string_view given = request.value_of("X-Request-Id");
  if (is_id(given)) return std::string(given);
  const auto made = random_hex_64();
  return {made.data(), made.size()};
}

bool leads_to(const Route& route, std::string_view path) {
  return route.path.ends_with('/') ? path.starts_with(route.path) : path == route.path;
}

bool takes(const Route& route, std::string_view method) {
  return route.method == method || (method == "HEAD" && route.method == "GET");
}

void log_end(const std::string& id, Tick started, const ServerEnd& end) {
  std::string line = "completed id=" + id + " status=" + std::to_string(end.status) +
                     " time=" + cli::format_measured(now().tick - started);
  if (end.error) line += " error=\"" + end.error->message + "\"";
  log_info(line);
}

/// The server trace recorded the path as it came.
void record_without_userinfo(const ServerCall& call, const SegmentContext& segment,
                             std::string_view path) {
  const IncomingRequest& request = call.request();
  const std::string url =
      std::string(call.is_encrypted() ? "https://" : "http://").append(request.host).append(path);
  segment.set_http_request({.method = request.method,
                            .url = url,
                            .user_agent = request.value_of("User-Agent"),
                            .client_ip = call.peer().host()});
}

}  // namespace

Expected<std::unique_ptr<Service>> Service::start(Loop& loop, const ServiceConfig& config,
                                                  std::vector<Route> routes) {
  TracerConfig tracing;
  tracing.name = config.name;
  tracing.sampler = std::make_shared<RateSampler>(1);
  tracing.emitter = make_udp_emitter(config.daemon);
  const auto finalized = finalize_config(std::move(tracing));
  if (const auto* error = finalized.if_error()) return *error;
  routes.push_back(
      {"GET", "/health", [](Visit visit) { visit.call().respond(200, "text/plain", "OK"); }});
  std::unique_ptr<Service> service(new Service(config.name, *finalized, std::move(routes)));
  auto server = HttpServer::listen(
      loop, {.address = config.listen},
      traced_handler(service->trace_,
                     [self = service.get()](ServerCall call, const SegmentContext& segment) {
                       self->receive(std::move(call), segment);
                     }));
  if (const auto* error = server.if_error()) return *error;
  service->server_ = std::move(server).value();
  return service;
}

Service::Service(std::string name, const FinalizedTracerConfig& config, std::vector<Route> routes)
    : routes_(std::move(routes)),
      tracer_(config),
      trace_(tracer_, {.name = std::move(name), .answer = TraceAnswer::always}) {}

Service::~Service() = default;

void Service::receive(ServerCall call, const SegmentContext& segment) {
  std::string id = id_of(call.request());
  const std::string path = without_userinfo(call.request().path);
  if (path != call.request().path) record_without_userinfo(call, segment, path);
  log_info("started id=" + id + " " + std::string(call.request().method) + "=" + path);
  call.add_header("X-Request-Id", id);
  call.on_end(
      [id, started = call.started().tick](const ServerEnd& end) { log_end(id, started, end); });
  lead(Visit(std::move(call), segment, std::move(id)));
}

void Service::lead(Visit visit) {
  const IncomingRequest& request = visit.call().request();
  std::string allowed;
  for (const Route& route : routes_) {
    if (!leads_to(route, request.path)) continue;
    if (takes(route, request.method)) return route.handler(std::move(visit));
    if (!allowed.empty()) allowed += ", ";
    allowed += route.method;
  }
  if (allowed.empty()) {
    return visit.refuse({404, "not_found", "there is nothing at this path", {}});
  }
  visit.call().add_header("Allow", allowed);
  visit.refuse({405, "method_not_allowed", "this path takes " + allowed, {{"allow", allowed}}});
}

std::string without_userinfo(std::string_view path) {
  std::string kept(path);
  const std::size_t scheme_end = path.find("://");
  if (scheme_end == std::string_view::npos) return kept;
  const std::size_t begin = scheme_end + 3;
  const std::string_view authority = path.substr(begin, path.find('/', begin) - begin);
  const std::size_t at = authority.rfind('@');
  if (at != std::string_view::npos) kept.erase(begin, at + 1);
  return kept;
}

}  // namespace xtrace::examples
