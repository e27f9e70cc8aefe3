#include "load_side.h"

#include <chrono>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <xtrace/client.h>
#include <xtrace/loop_flush.h>
#include <xtrace/traced_client.h>
#include <xtrace/tracer.h>
#include <xtrace/udp_emitter.h>

#include "client_parts.h"
#include "measure.h"

namespace xtrace::bench {

namespace {

using std::chrono::seconds;

/// Every hook, each doing the least that shows it ran.
ClientTrace count_in(std::uint64_t& hooks) {
  ClientTrace trace;
  const auto count = [&hooks](const auto&...) { ++hooks; };
  trace.get_conn = count;
  trace.got_conn = count;
  trace.got_conn_failed = count;
  trace.put_idle_conn = count;
  trace.dns_start = count;
  trace.dns_done = count;
  trace.connect_start = count;
  trace.connect_done = count;
  trace.proxy_start = count;
  trace.proxy_done = count;
  trace.tls_handshake_start = count;
  trace.tls_handshake_done = count;
  trace.wrote_header_field = count;
  trace.wrote_headers = count;
  trace.wait_100_continue = count;
  trace.wrote_request = count;
  trace.got_first_response_byte = count;
  trace.got_1xx_response = count;
  trace.got_100_continue = count;
  trace.got_response_head = count;
  trace.request_done = count;
  trace.redirected = count;
  trace.retry_scheduled = count;
  trace.race_started = count;
  trace.attempt_redundant = count;
  return trace;
}

/// What a traced request needs beyond a bare one.
struct Tracing {
  Tracing(Loop& loop, Client& client, std::uint16_t port)
      : emitter(make_udp_emitter({.host = "127.0.0.1", .port = port}, {})),
        tracer(make_tracer(emitter, 1.0)),
        flush(loop, *emitter),
        traced(client) {}

  std::shared_ptr<UdpEmitter> emitter;
  std::unique_ptr<Tracer> tracer;
  LoopFlush flush;
  TracedClient traced;
  std::uint64_t hooks = 0;
  ClientTrace trace = count_in(hooks);
};

class Load {
 public:
  explicit Load(const LoadSide& settings)
      : settings_(settings),
        request_(parse(settings.url)),
        client_(loop_, make_config(settings.in_flight, "")),
        seats_(settings.in_flight) {
    if (settings.trace_port != 0) tracing_.emplace(loop_, client_, settings.trace_port);
  }

  Done run() {
    begun_ = ended_ = 0;
    for (Seat& seat : seats_) begin(seat);
    const bool is_done =
        loop_.run_until([this] { return ended_ == settings_.requests; }, seconds(60));
    require(is_done, "all answers within a minute");
    if (tracing_) require(tracing_->emitter->drain(seconds(10)), "drain");
    return {.count = ended_};
  }

 private:
  struct Seat {
    Segment segment{};
    Call bare{};
    TracedCall traced{};
  };

  void begin(Seat& seat) {
    if (begun_ == settings_.requests) return;
    ++begun_;
    CallOptions options;
    if (!settings_.keeps_bodies)
      options.on_body = [](std::span<const std::byte>) -> Expected<Flow> { return Flow::proceed; };
    auto on_done = [this, &seat](const Exchange& exchange) { end(seat, exchange); };
    if (!tracing_) {
      seat.bare = client_.start(request_, std::move(options), std::move(on_done));
      return;
    }
    options.trace = tracing_->trace;
    seat.segment = tracing_->tracer->begin_segment();
    seat.traced = tracing_->traced.start(seat.segment.context(), request_, std::move(options),
                                         std::move(on_done));
  }

  void end(Seat& seat, const Exchange& exchange) {
    require(!exchange.error && exchange.response->status == 200, "GET");
    if (tracing_) seat.segment.end();
    ++ended_;
    begin(seat);
  }

  LoadSide settings_;
  Request request_;
  Loop loop_;
  Client client_;
  std::optional<Tracing> tracing_;
  std::vector<Seat> seats_;
  std::size_t begun_ = 0;
  std::size_t ended_ = 0;
};

}  // namespace

void send_requests(const LoadSide& settings) {
  Load load(settings);
  work_on_order([&load] { return load.run(); });
}

}  // namespace xtrace::bench
