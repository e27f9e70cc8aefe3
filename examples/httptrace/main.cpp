// Every hook of two requests to one server, as they happen: the first dials, the second finds its
// connection.
//
//     tools/run demo httptrace https://example.com

#include <cstdio>
#include <thread>

#include <xtrace/client.h>

namespace {

/// Prints each event with the milliseconds since this was made.
xtrace::ClientTrace make_printer() {
  const xtrace::Tick began = xtrace::now().tick;
  return xtrace::ClientTrace::to_logger([began](const xtrace::TraceEvent& event) {
    const std::chrono::duration<double, std::milli> at = xtrace::now().tick - began;
    std::printf("%9.3f  %.*s", at.count(), static_cast<int>(event.name.size()), event.name.data());
    for (const auto& [name, value] : event.fields) {
      std::printf("  %.*s=%.*s", static_cast<int>(name.size()), name.data(),
                  static_cast<int>(value.size()), value.data());
    }
    std::printf("\n");
  });
}

int fail(const xtrace::Error& error) {
  std::fprintf(stderr, "httptrace: %s\n", error.message.c_str());
  return 1;
}

}  // namespace

int main(int count, char** arguments) {
  const auto url = xtrace::Url::parse(count > 1 ? arguments[1] : "https://example.com");
  if (const auto* error = url.if_error()) return fail(*error);
  const auto config = xtrace::finalize_config({.timeouts = {.total = std::chrono::seconds(10)}});
  if (const auto* error = config.if_error()) return fail(*error);

  xtrace::Loop loop;
  xtrace::Client client(loop, *config);
  for (int request = 1; request <= 2; ++request) {
    std::printf("request %d\n", request);
    xtrace::Exchange exchange;
    const xtrace::Call call =
        client.start(xtrace::Request(*url), {.trace = make_printer()},
                     [&exchange](xtrace::Exchange done) { exchange = std::move(done); });
    loop.run();  // until the answer is there: an idle connection keeps no loop running
    if (exchange.error) return fail(*exchange.error);
    // So that the second request has an idle time to tell; nothing waits for it to be long enough.
    if (request == 1) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}
