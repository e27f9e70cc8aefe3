#include "collect/web_api.h"

#include <algorithm>
#include <utility>

#include "base/json_writer.h"
#include "collect/filter.h"
#include "collect/graph_view.h"
#include "collect/metrics_text.h"
#include "collect/stats_json.h"
#include "collect/trace_json.h"
#include "collect/trace_tree.h"
#include "collect/web_answer.h"
#include "collect/web_query.h"
#include "http/percent.h"

namespace xtrace::collect {

namespace {

constexpr std::uint64_t kUsualLimit = 500;
constexpr std::uint64_t kMostRows = 10000;
constexpr std::string_view kNoTrace =
    "xtrace holds no trace of this id: it never came, or made room for newer ones.";

/// What is behind `prefix`, or nothing where the path begins otherwise.
std::optional<std::string_view> behind(std::string_view path, std::string_view prefix) {
  if (!path.starts_with(prefix)) return {};
  return path.substr(prefix.size());
}

void answer_filter_error(ServerCall call, const Error& error) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("error");
  json.begin_object();
  json.key("message");
  json.string(error.message);
  json.key("column");
  json.unsigned_integer(filter_column(error));
  json.end_object();
  json.end_object();
  answer_json(std::move(call), 400, std::move(body));
}

/// The filter that the query asks for; without one, every trace.
Expected<Filter> filter_of(const IncomingRequest& request) {
  return Filter::parse(query_value(request.query, "filter").value_or(std::string{}));
}

}  // namespace

WebApi::WebApi(Parts parts) : parts_(std::move(parts)) {}

WebApi::~WebApi() = default;

bool WebApi::is_page(std::string_view path) {
  return path == "/" || path == "/map" || path == "/strays" || path.starts_with("/t/") ||
         path.starts_with("/compare/");
}

bool WebApi::is_watched(std::string_view path) {
  return path == "/health" || path == "/api/stats" || path == "/metrics";
}

void WebApi::handle(ServerCall call) {
  const std::string path = percent_decode(call.request().path).value_or(std::string{});
  const std::string_view method = call.request().method;
  if (path == "/api/clear") {
    if (method != "POST") return answer_wrong_method(std::move(call), "POST");
    return answer_clear(std::move(call));
  }
  if (method != "GET" && method != "HEAD") return answer_wrong_method(std::move(call), "GET, HEAD");
  answer_path(std::move(call), path);
}

void WebApi::answer_path(ServerCall call, std::string_view path) {
  if (is_page(path)) {
    if (const PageAsset* page = find_page_asset("index.html"))
      return answer_asset(std::move(call), *page, AssetUse::document);
  }
  if (const auto name = behind(path, "/assets/")) {
    if (const PageAsset* asset = find_page_asset(*name))
      return answer_asset(std::move(call), *asset, AssetUse::file);
  }
  if (path == "/api/traces") return answer_list(std::move(call));
  if (const auto id = behind(path, "/api/traces/")) return answer_trace(std::move(call), *id);
  if (path == "/api/graph") return answer_graph(std::move(call));
  if (path == "/api/stats") return answer_stats(std::move(call));
  if (path == "/api/strays") return answer_strays(std::move(call));
  if (path == "/api/events") return answer_events(std::move(call));
  if (const auto name = behind(path, "/export/")) return answer_export(std::move(call), *name);
  if (path == "/metrics")
    return answer_text(std::move(call), kMetricsType, metrics_text(parts_.stats()));
  if (path == "/health") return answer_text(std::move(call), "text/plain; charset=utf-8", "OK\n");
  answer_error(std::move(call), 404, "xtrace has nothing at this path.");
}

void WebApi::answer_list(ServerCall call) const {
  const auto filter = filter_of(call.request());
  if (const Error* error = filter.if_error()) return answer_filter_error(std::move(call), *error);
  const std::uint64_t limit =
      std::min(query_number(call.request().query, "limit").value_or(kUsualLimit), kMostRows);
  std::uint64_t total = 0;
  std::uint64_t matched = 0;
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("traces");
  json.begin_array();
  parts_.store.visit_newest([&](const StoredTrace& trace) {
    ++total;
    const bool matches = filter->takes_all() || filter->matches(parts_.store.digest(trace));
    if (matches && matched++ < limit) write_row(json, trace, parts_.store.digest(trace));
    return true;
  });
  json.end_array();
  json.key("revision");
  json.unsigned_integer(parts_.store.revision());
  json.key("total");
  json.unsigned_integer(total);
  json.key("matched");
  json.unsigned_integer(matched);
  json.key("error");
  json.null();
  json.end_object();
  answer_json(std::move(call), 200, std::move(body));
}

void WebApi::answer_trace(ServerCall call, std::string_view id) const {
  const StoredTrace* const trace = find(id);
  if (trace == nullptr) return answer_error(std::move(call), 404, kNoTrace);
  std::string body;
  JsonWriter json(body);
  write_trace(json, *trace, parts_.store.digest(*trace), build_tree(*trace));
  answer_json(std::move(call), 200, std::move(body));
}

void WebApi::answer_graph(ServerCall call) const {
  ServiceGraph graph;
  if (const auto id = query_value(call.request().query, "trace")) {
    const StoredTrace* const trace = find(*id);
    if (trace == nullptr) return answer_error(std::move(call), 404, kNoTrace);
    graph.add(parts_.store.digest(*trace));
  } else {
    const auto filter = filter_of(call.request());
    if (const Error* error = filter.if_error()) return answer_filter_error(std::move(call), *error);
    parts_.store.visit_newest([&](const StoredTrace& trace) {
      const TraceDigest& digest = parts_.store.digest(trace);
      if (filter->matches(digest)) graph.add(digest);
      return true;
    });
  }
  std::string body;
  JsonWriter json(body);
  write_graph(json, graph);
  answer_json(std::move(call), 200, std::move(body));
}

void WebApi::answer_stats(ServerCall call) const {
  std::string body;
  JsonWriter json(body);
  write_stats(json, parts_.stats());
  answer_json(std::move(call), 200, std::move(body));
}

void WebApi::answer_strays(ServerCall call) const {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("strays");
  json.begin_array();
  for (const StrayDocument& stray : parts_.store.strays()) {
    json.begin_object();
    json.key("text");
    json.string(stray.text);
    json.key("reason");
    json.string(stray.reason);
    json.key("code");
    json.string(to_string(stray.code));
    json.key("door");
    json.string(name_of(stray.door));
    json.key("received");
    json.time(stray.received);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  answer_json(std::move(call), 200, std::move(body));
}

void WebApi::answer_events(ServerCall call) const {
  const IncomingRequest& request = call.request();
  ServerResponse response;
  response.headers.add("Content-Type", "text/event-stream; charset=utf-8");
  response.headers.add("Cache-Control", "no-store");
  response.source = parts_.events.open(request.value_of("Last-Event-ID"),
                                       query_number(request.query, "revision"));
  call.respond(std::move(response));
}

void WebApi::answer_clear(ServerCall call) {
  if (call.request().value_of("X-Xtrace") != "1")
    return answer_error(std::move(call), 403,
                        "Clearing needs the header X-Xtrace: 1, which no foreign page can send.");
  parts_.store.clear();
  parts_.on_cleared();
  call.respond(ServerResponse{.status = 204});
}

void WebApi::answer_export(ServerCall call, std::string_view name) const {
  const std::size_t dot = std::min(name.find('.'), name.size());
  const std::string_view suffix = name.substr(std::min(dot + 1, name.size()));
  const auto format = std::ranges::find(exports_, suffix, &TraceExport::suffix);
  if (format == exports_.end())
    return answer_error(std::move(call), 404, "xtrace exports no such format.");
  const StoredTrace* const trace = find(name.substr(0, dot));
  if (trace == nullptr) return answer_error(std::move(call), 404, kNoTrace);
  ServerResponse response;
  response.headers.add("Content-Type", format->content_type);
  response.headers.add("Cache-Control", "no-store");
  const std::string file = trace->id().to_string() + "." + format->suffix;
  response.headers.add("Content-Disposition", "attachment; filename=\"" + file + "\"");
  response.body = format->write(*trace, build_tree(*trace), parts_.store.digest(*trace));
  call.respond(std::move(response));
}

const StoredTrace* WebApi::find(std::string_view id) const {
  const auto parsed = TraceId::parse(id);
  return parsed ? parts_.store.find(*parsed) : nullptr;
}

}  // namespace xtrace::collect
