// libcurl's part in tools/bench:
//
//   curl_bench bare COUNT URL         so many requests on each order, one after the other
//   curl_bench traced COUNT URL PORT  the same, each a segment whose document is sent to PORT

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <curl/curl.h>

#include <xtrace/adapters/curl.h>
#include <xtrace/tracer.h>
#include <xtrace/udp_emitter.h>

#include "client_parts.h"
#include "measure.h"

namespace {

using namespace xtrace;
using namespace xtrace::bench;

std::size_t drop(char*, std::size_t size, std::size_t count, void*) {
  return size * count;
}

struct Tracing {
  Tracing(CURL* handle, std::uint16_t port)
      : emitter(make_udp_emitter({.host = "127.0.0.1", .port = port}, {})),
        tracer(make_tracer(emitter, 1.0)),
        traced(handle) {}

  std::shared_ptr<UdpEmitter> emitter;
  std::unique_ptr<Tracer> tracer;
  TracedCurl traced;
};

class CurlLoad {
 public:
  CurlLoad(const std::string& url, std::size_t requests, std::uint16_t trace_port)
      : requests_(requests) {
    curl_easy_setopt(handle_.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle_.get(), CURLOPT_PROXY, "");
    curl_easy_setopt(handle_.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle_.get(), CURLOPT_WRITEFUNCTION, drop);
    if (trace_port != 0) tracing_.emplace(handle_.get(), trace_port);
  }

  Done run() {
    for (std::size_t i = 0; i < requests_; ++i) {
      require(send() == CURLE_OK, "GET");
    }
    if (tracing_) require(tracing_->emitter->drain(std::chrono::seconds(10)), "drain");
    return {.count = requests_};
  }

 private:
  CURLcode send() {
    if (!tracing_) return curl_easy_perform(handle_.get());
    const Segment segment = tracing_->tracer->begin_segment();
    return tracing_->traced.perform(segment.context());
  }

  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle_{curl_easy_init(), curl_easy_cleanup};
  std::optional<Tracing> tracing_;
  std::size_t requests_;
};

}  // namespace

int main(int argument_count, char** arguments) {
  const auto word = [argument_count, arguments](int at) {
    return at < argument_count ? std::string(arguments[at]) : std::string();
  };
  const std::size_t count = std::strtoul(word(2).c_str(), nullptr, 10);
  const bool traces = word(1) == "traced";
  const unsigned long port = traces ? std::strtoul(word(4).c_str(), nullptr, 10) : 0;
  if (word(3).empty() || count == 0 || traces == (port == 0)) {
    std::fputs("curl_bench: see the head of curl_bench.cpp for the arguments.\n", stderr);
    return 2;
  }
  CurlLoad load(word(3), count, static_cast<std::uint16_t>(port));
  work_on_order([&load] { return load.run(); });
}
