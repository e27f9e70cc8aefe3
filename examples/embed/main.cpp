// A service with threads and no event loop: every worker records its requests with libxtrace-xray
// and hands them to one emitter. `embed [REQUESTS [THREADS]]`.

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <xtrace/tracer.h>

namespace {

using xtrace::ContextScope;
using xtrace::Namespace;
using xtrace::Segment;
using xtrace::Subsegment;
using xtrace::Tracer;

/// Code that knows nothing of segments but the tracer: it finds the current one by itself.
void read_stock(Tracer& tracer, int item) {
  Subsegment query = tracer.begin_subsegment("stock@db.internal", {.space = Namespace::remote});
  query.set_sql({.url = "postgresql://db.internal/shop",
                 .sanitized_query = "SELECT amount FROM stock WHERE item = ?",
                 .database_type = "PostgreSQL"});
  if (item % 10 == 9) throw std::out_of_range("no item " + std::to_string(item));
}

/// A call to another service: what goes into its request is the subsegment's trace header.
void call_payment(const Segment& segment) {
  Subsegment call = segment.begin_subsegment("payment.example.com", {.space = Namespace::remote});
  call.set_http_request({.method = "POST", .url = "https://payment.example.com/v1/charges"});
  std::string header;
  call.append_trace_header(header);  // X-Amzn-Trace-Id: Root=...;Parent=...;Sampled=1
  call.set_status(201);
}

void serve(Tracer& tracer, int request) {
  Segment segment = tracer.begin_segment(
      {}, xtrace::parse_trace_header(""),
      {.host = "shop.example.com", .http_method = "POST", .url_path = "/orders"});
  segment.set_http_request({.method = "POST", .url = "https://shop.example.com/orders"});
  segment.annotate("item", request);
  const ContextScope scope{segment.context()};
  try {
    read_stock(tracer, request);
    call_payment(segment);
    segment.set_status(200);
  } catch (const std::exception& exception) {
    segment.add_exception(exception);
    segment.set_status(500);
  }
  // The segment ends here, and its document goes to the emitter.
}

void report(Tracer& tracer) {
  const xtrace::TracerStats traced = tracer.stats();
  const xtrace::EmitterStats emitted = tracer.emitter().stats();
  std::printf("%llu requests, %llu sampled; %llu documents sent, %llu refused, %llu dropped\n",
              static_cast<unsigned long long>(traced.segments),
              static_cast<unsigned long long>(traced.sampled),
              static_cast<unsigned long long>(emitted.sent),
              static_cast<unsigned long long>(emitted.refused + emitted.queued),
              static_cast<unsigned long long>(emitted.dropped_queue_full +
                                              emitted.dropped_too_large + emitted.dropped_error));
  if (const auto error = tracer.emitter().last_error()) std::printf("%s\n", error->message.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  const int requests = argc > 1 ? std::atoi(argv[1]) : 100;
  const int thread_count = argc > 2 ? std::atoi(argv[2]) : 4;
  xtrace::TracerConfig config;
  config.name = "shop";
  config.sampler = std::make_shared<xtrace::RateSampler>(1);
  const auto finalized = xtrace::finalize_config(std::move(config));
  if (const auto* error = finalized.if_error()) {
    std::fprintf(stderr, "embed: %s\n", error->message.c_str());
    return 2;
  }
  Tracer tracer{*finalized};
  std::vector<std::thread> threads;
  for (int i = 0; i < thread_count; ++i) {
    threads.emplace_back([&tracer, requests, thread_count, i] {
      for (int request = i; request < requests; request += thread_count) serve(tracer, request);
    });
  }
  for (std::thread& thread : threads) thread.join();
  tracer.emitter().drain(std::chrono::milliseconds(100));
  report(tracer);
}
