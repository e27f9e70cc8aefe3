// The server's part in tools/bench: a handler that says hello on 127.0.0.1, bare or traced.
//
//   server_bench bare             as it is
//   server_bench traced PORT      with a segment each, sent to PORT
//   server_bench unsampled PORT   with a segment each that is not recorded
//
// Prints its port. For a line on stdin it waits until no connection is open and everything was
// sent, and prints how many requests came since the last one and the nanoseconds of CPU time they
// took. Ends with its stdin.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <xtrace/http_server.h>
#include <xtrace/loop_flush.h>
#include <xtrace/server_trace.h>
#include <xtrace/traced_server.h>
#include <xtrace/udp_emitter.h>

#include "client_parts.h"
#include "loop/timer.h"
#include "measure.h"

namespace xtrace::bench {

namespace {

constexpr std::string_view kHello = "Hello, world!\n";

/// What a traced server needs beyond a bare one.
struct Tracing {
  Tracing(Loop& loop, std::uint16_t port, double sampled)
      : emitter(make_udp_emitter({.host = "127.0.0.1", .port = port}, {})),
        tracer(make_tracer(emitter, sampled)),
        flush(loop, *emitter),
        trace(*tracer) {}

  std::shared_ptr<UdpEmitter> emitter;
  std::unique_ptr<Tracer> tracer;
  LoopFlush flush;
  ServerTrace trace;
};

class Hello {
 public:
  Hello(Loop& loop, std::string_view mode, std::uint16_t trace_port) : pause_(loop) {
    if (mode != "bare") tracing_.emplace(loop, trace_port, mode == "traced" ? 1.0 : 0.0);
    auto listening = HttpServer::listen(loop, {}, handler());
    require(listening.has_value(), "listen");
    server_ = std::move(listening).value();
    std::printf("%u\n", static_cast<unsigned>(server_->address().port()));
    std::fflush(stdout);
  }

  /// Once nobody is connected.
  void report() {
    if (server_->stats().open > 0) {
      pause_.arm(std::chrono::milliseconds(1), [this] { report(); });
      return;
    }
    if (tracing_) require(tracing_->emitter->drain(std::chrono::seconds(10)), "drain");
    const std::uint64_t requests = server_->stats().requests;
    const std::int64_t cpu = cpu_nanoseconds();
    std::printf("%llu %lld\n", static_cast<unsigned long long>(requests - requests_),
                static_cast<long long>(cpu - cpu_));
    std::fflush(stdout);
    requests_ = requests;
    cpu_ = cpu;
  }

  void close() {
    server_->close([this] { is_closed_ = true; });
  }
  bool is_closed() const { return is_closed_; }

 private:
  HttpHandler handler() {
    if (!tracing_) return [](ServerCall call) { call.respond(200, "text/plain", kHello); };
    return traced_handler(tracing_->trace, [](ServerCall call, const SegmentContext&) {
      call.respond(200, "text/plain", kHello);
    });
  }

  std::optional<Tracing> tracing_;
  Timer pause_;
  std::unique_ptr<HttpServer> server_;
  std::uint64_t requests_ = 0;
  std::int64_t cpu_ = 0;
  bool is_closed_ = false;
};

}  // namespace

}  // namespace xtrace::bench

int main(int argument_count, char** arguments) {
  using namespace xtrace::bench;
  const std::string_view mode = argument_count > 1 ? arguments[1] : "";
  const unsigned long port = argument_count > 2 ? std::strtoul(arguments[2], nullptr, 10) : 0;
  if ((mode != "bare" && mode != "traced" && mode != "unsampled") ||
      (mode != "bare") != (port > 0)) {
    std::fputs("server_bench: see the head of server_bench.cpp for the arguments.\n", stderr);
    return 2;
  }
  xtrace::Loop loop;
  Hello hello(loop, mode, static_cast<std::uint16_t>(port));
  std::thread orders([&loop, &hello] {
    for (int letter = std::getchar(); letter != EOF; letter = std::getchar()) {
      if (letter == '\n') loop.post([&hello] { hello.report(); });
    }
    loop.post([&hello] { hello.close(); });
  });
  loop.run_until([&hello] { return hello.is_closed(); }, std::chrono::hours(24));
  orders.join();
}
