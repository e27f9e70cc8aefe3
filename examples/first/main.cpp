// One traced request: send it, look at its phases, give its segment to the X-Ray daemon.
//
//     tools/run demo first https://example.com

#include <cstdio>

#include <xtrace/client.h>
#include <xtrace/traced_exchange.h>
#include <xtrace/udp_emitter.h>

namespace {

void print_phases(const xtrace::Timeline& timeline) {
  using Milliseconds = std::chrono::duration<double, std::milli>;
  using enum xtrace::Phase;
  for (const xtrace::Phase phase : {dns, connect, tls, request, response, body}) {
    const xtrace::Span* span = timeline.find(phase);
    if (span == nullptr) continue;  // it did not happen
    std::printf("%-9s%9.3f ms\n", xtrace::to_string(phase).data(),
                Milliseconds(span->length()).count());
  }
}

int fail(const xtrace::Error& error) {
  std::fprintf(stderr, "%s\n", error.message.c_str());
  return 1;
}

}  // namespace

int main(int count, char** arguments) {
  const auto url = xtrace::Url::parse(count > 1 ? arguments[1] : "https://example.com");
  if (const auto* error = url.if_error()) return fail(*error);
  auto config = xtrace::finalize_config({.timeouts = {.total = std::chrono::seconds(10)}});
  if (const auto* error = config.if_error()) return fail(*error);

  auto segment = xtrace::Segment::begin("first");
  auto remote = segment.begin_subsegment(xtrace::remote_name(*url));
  xtrace::Request request(*url);
  request.headers.add("X-Amzn-Trace-Id", xtrace::TraceHeader{.root = segment.trace_id(),
                                                             .parent = remote.id().to_string(),
                                                             .sampled = xtrace::Sampled::yes}
                                             .to_string());

  xtrace::Loop loop;
  xtrace::Client client(loop, *config);
  xtrace::Exchange exchange;
  const auto call =
      client.start(request, {}, [&](xtrace::Exchange done) { exchange = std::move(done); });
  loop.run();

  print_phases(exchange.timeline);
  xtrace::record_exchange(remote, request, exchange);
  segment.end();
  xtrace::make_udp_emitter({})->emit(segment.documents());
  return exchange.error ? fail(*exchange.error) : 0;
}
