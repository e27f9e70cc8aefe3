// A real traced service for the end-to-end tests: server_peer [NAME=VALUE...]
//
// `HttpServer`, `ServerTrace` and `TracedClient` as a service puts them together; the names are
// those of server_peer_settings.cpp. Prints {"port":N} once it listens. SIGINT and SIGTERM close it
// gracefully, a second one at once; then it prints its `HttpServerStats` and ends.
//
//   /hello            "hello\n"
//   /head             the request's head as it was understood, a line each
//   /echo             the body back, while it comes; /collect the same once it is whole
//   /count            {"bytes":N,"intact":B}: whether the body was the text of /text
//   /text/N           N bytes; /chunked/N without their length; /broken/N broken off after N
//   /slow/MS          "late\n" after so many milliseconds
//   /status/CODE      that status
//   /fail             an exception; /drop no answer; /abort a cut connection
//   /call/PATH        what PATH of `downstream=` answers
//   /stats            the server's counts, not traced

#include <charconv>
#include <csignal>
#include <cstdio>
#include <list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <xtrace/client.h>
#include <xtrace/http_server.h>
#include <xtrace/loop_flush.h>
#include <xtrace/sampler.h>
#include <xtrace/server_trace.h>
#include <xtrace/traced_client.h>
#include <xtrace/traced_server.h>
#include <xtrace/tracer.h>

#include "loop/timer.h"
#include "loop/uv_handle.h"
#include "server_peer_bodies.h"
#include "server_peer_settings.h"

namespace xtrace::peer {

namespace {

using std::chrono::milliseconds;

template <class Value>
Value take(Expected<Value> made) {
  if (const Error* error = made.if_error()) fail(error->message);
  return std::move(made).value();
}

FinalizedTracerConfig tracer_config(const Settings& settings) {
  TracerConfig config;
  config.name = "peer";
  config.daemon_address = settings.daemon;
  config.sampler = std::make_shared<RateSampler>(settings.sampled);
  return take(finalize_config(std::move(config)));
}

FinalizedClientConfig client_config() {
  ClientConfig config;
  config.proxy.emplace();
  return take(finalize_config(std::move(config)));
}

std::string to_json(const HttpServerStats& stats) {
  std::string json = "{";
  const auto add = [&json](std::string_view name, std::uint64_t value) {
    if (json.size() > 1) json += ',';
    json.append("\"").append(name).append("\":").append(std::to_string(value));
  };
  add("accepted", stats.accepted);
  add("open", stats.open);
  add("requests", stats.requests);
  add("answered", stats.answered);
  add("refused", stats.refused);
  add("too_slow", stats.too_slow);
  add("peer_left", stats.peer_left);
  add("unanswered", stats.unanswered);
  add("evicted", stats.evicted);
  add("tls_failed", stats.tls_failed);
  add("accept_failed", stats.accept_failed);
  return json + "}\n";
}

std::string to_text(const IncomingRequest& request) {
  std::string text;
  const auto add = [&text](std::string_view name, std::string_view value) {
    text.append(name).append("=").append(value).append("\n");
  };
  add("method", request.method);
  add("path", request.path);
  add("query", request.query);
  add("host", request.host);
  add("version", request.version_minor == 0 ? "1.0" : "1.1");
  for (const FieldView& field : request.fields) add(field.name, field.value);
  return text;
}

/// What follows `prefix` as a number, or nothing where the path is another.
std::optional<std::uint64_t> number_after(std::string_view prefix, std::string_view path) {
  if (!path.starts_with(prefix)) return std::nullopt;
  path.remove_prefix(prefix.size());
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(path.data(), path.data() + path.size(), value);
  return error == std::errc() && end == path.data() + path.size() ? std::optional(value)
                                                                  : std::nullopt;
}

class Service {
 public:
  Service(Loop& loop, const Settings& settings)
      : loop_(loop),
        settings_(settings),
        tracer_(tracer_config(settings)),
        flush_(loop, tracer_.emitter()),
        client_(loop, client_config()),
        traced_(client_),
        trace_(tracer_, settings.trace) {
    if (!settings.tls.certificate_file.empty()) {
      settings_.server.tls = take(make_tls_server_context(settings.tls));
    }
    server_ = take(HttpServer::listen(
        loop, settings_.server,
        [this,
         traced = traced_handler(trace_, [this](ServerCall call, const SegmentContext& segment) {
           serve(std::move(call), segment);
         })](ServerCall call) {
          if (call.request().path != "/stats") return traced(std::move(call));
          call.respond(200, "application/json", to_json(server_->stats()));
        }));
  }

  std::uint16_t port() const { return server_->address().port(); }
  HttpServerStats stats() const { return server_->stats(); }

  /// The first time gracefully, then at once.
  void close() {
    if (std::exchange(is_closing_, true)) return server_->abort();
    server_->close([this] { is_closed_ = true; });
  }
  bool is_closed() const { return is_closed_; }

 private:
  /// A request whose answer takes a while; gone when its exchange is over.
  struct Pending {
    ServerCall call{};
    std::optional<Timer> timer{};
    TracedCall remote{};
  };

  void serve(ServerCall call, const SegmentContext& segment);
  void send_text(ServerCall call);
  void fail_at_it(ServerCall call, const SegmentContext& segment);
  void answer_late(ServerCall call, milliseconds delay);
  void call_on(ServerCall call, const SegmentContext& segment);
  Pending& keep(ServerCall call);

  Loop& loop_;
  Settings settings_;
  Tracer tracer_;
  LoopFlush flush_;
  Client client_;
  TracedClient traced_;
  ServerTrace trace_;
  std::list<Pending> pending_;
  std::unique_ptr<HttpServer> server_;
  bool is_closing_ = false;
  bool is_closed_ = false;
};

void Service::serve(ServerCall call, const SegmentContext& segment) {
  const std::string_view path = call.request().path;
  if (path == "/hello") return call.respond(200, "text/plain", "hello\n");
  if (path == "/head") return call.respond(200, "text/plain", to_text(call.request()));
  if (path == "/echo") return echo(std::move(call));
  if (path == "/count") return count_body(std::move(call));
  if (path == "/fail") return fail_at_it(std::move(call), segment);
  if (path == "/drop") return;
  if (path == "/abort") return call.abort();
  if (path.starts_with("/call/")) return call_on(std::move(call), segment);
  if (const auto code = number_after("/status/", path)) {
    return call.respond(static_cast<int>(*code), "text/plain", "as asked\n");
  }
  if (const auto delay = number_after("/slow/", path)) {
    return answer_late(std::move(call), milliseconds(*delay));
  }
  if (path == "/collect") {
    Pending& pending = keep(std::move(call));
    return pending.call.collect_body([&pending](Expected<std::string> body) {
      if (body) pending.call.respond(200, "application/octet-stream", *body);
    });
  }
  send_text(std::move(call));
}

void Service::send_text(ServerCall call) {
  const std::string_view path = call.request().path;
  TextBody body;
  if (const auto sized = number_after("/text/", path)) {
    body.bytes = *sized;
  } else if (const auto chunked = number_after("/chunked/", path)) {
    body = {.bytes = *chunked, .has_size = false};
  } else if (const auto broken = number_after("/broken/", path)) {
    body = {.bytes = *broken + 1, .breaks_at = *broken};
  } else {
    return call.respond(404, "text/plain", "There is nothing here.\n");
  }
  ServerResponse response;
  response.headers.add("Content-Type", "text/plain");
  response.source = make_text_body(body);
  call.respond(std::move(response));
}

void Service::fail_at_it(ServerCall call, const SegmentContext& segment) {
  try {
    throw std::runtime_error("the shelf is empty");
  } catch (const std::exception& exception) {
    segment.add_exception(exception);
  }
  call.respond(500, "text/plain", "That failed.\n");
}

void Service::answer_late(ServerCall call, milliseconds delay) {
  Pending& pending = keep(std::move(call));
  pending.timer.emplace(loop_).arm(
      delay, [&pending] { pending.call.respond(200, "text/plain", "late\n"); });
}

void Service::call_on(ServerCall call, const SegmentContext& segment) {
  constexpr std::string_view kPrefix = "/call";
  const std::string_view path = call.request().path;
  auto url = Url::parse(settings_.downstream + std::string(path.substr(kPrefix.size())));
  if (!url) return call.respond(500, "text/plain", "There is no downstream.\n");
  Pending& pending = keep(std::move(call));
  auto on_done = [&pending](const Exchange& exchange) {
    if (exchange.error) return pending.call.respond(502, "text/plain", exchange.error->message);
    pending.call.respond(exchange.response->status, "text/plain", exchange.response->body);
  };
  pending.remote = traced_.start(segment, Request(std::move(*url)), {}, std::move(on_done));
}

Service::Pending& Service::keep(ServerCall call) {
  const auto place = pending_.emplace(pending_.end());
  place->call = std::move(call);
  place->call.on_end([this, place](const ServerEnd&) { pending_.erase(place); });
  return *place;
}

/// Calls back for a signal for as long as it lives, without keeping the loop.
class Signal {
 public:
  Signal(Loop& loop, int number, Callback<void()> on_signal) : on_signal_(std::move(on_signal)) {
    uv_signal_init(loop.handle(), handle_.get());
    handle_->data = this;
    uv_signal_start(
        handle_.get(),
        [](uv_signal_t* handle, int) {
          if (auto* self = owner_of<Signal>(handle)) self->on_signal_();
        },
        number);
    uv_unref(reinterpret_cast<uv_handle_t*>(handle_.get()));
  }

 private:
  UvPtr<uv_signal_t> handle_{new uv_signal_t};
  Callback<void()> on_signal_;
};

int run(const Settings& settings) {
  Loop loop;
  Service service(loop, settings);
  Signal interrupt(loop, SIGINT, [&service] { service.close(); });
  Signal terminate(loop, SIGTERM, [&service] { service.close(); });
  std::printf("{\"port\":%d}\n", service.port());
  std::fflush(stdout);
  const bool is_done =
      loop.run_until([&service] { return service.is_closed(); }, std::chrono::hours(1));
  std::fputs(to_json(service.stats()).c_str(), stdout);
  return is_done ? 0 : 1;
}

}  // namespace

}  // namespace xtrace::peer

int main(int count, char** words) {
  return xtrace::peer::run(xtrace::peer::read_settings(count, words));
}
