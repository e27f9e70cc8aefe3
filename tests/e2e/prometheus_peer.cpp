/// Records a few metrics for Prometheus in both ways: into a registry that an exposer of
/// prometheus-cpp hands out, and as the command line's text. Prints, as one line of JSON, the
/// exposer's port and the text; ends with its standard input. For prometheus.py.

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <prometheus/exposer.h>
#include <prometheus/registry.h>

#include <xtrace/prometheus_sink.h>

#include "cli/prom_text.h"

namespace {

using xtrace::MetricInfo;
using xtrace::MetricTag;

constexpr MetricInfo kTime{.name = "toolkit.http.client.request.time",
                           .unit = MetricInfo::Unit::milliseconds,
                           .help = "From the start of a request to its headers."};
constexpr MetricInfo kRetries{
    .name = "retries", .kind = MetricInfo::Kind::counter, .help = "Requests sent again."};
constexpr MetricInfo kIdle{
    .name = "pool.idle", .kind = MetricInfo::Kind::gauge, .help = "Connections that idle."};

void record(xtrace::MetricsSink& sink) {
  for (const char* target : {"10.0.0.1:8080", "a\"b\\c\nd", "\xc3\xa9"}) {
    const std::vector<MetricTag> tags{{"target_id", target}, {"method", "GET"}};
    for (int i = 1; i <= 100; ++i) sink.series(kTime, tags).record(i);
    sink.series(kRetries, tags).record(2.5);
  }
  sink.series(kIdle, {}).record(-7);
}

}  // namespace

int main() {
  xtrace::cli::PromTextSink text;
  record(text);
  const auto registry = std::make_shared<prometheus::Registry>();
  xtrace::PrometheusSink sink{registry};
  record(sink);
  prometheus::Exposer exposer{"127.0.0.1:0", 1};
  exposer.RegisterCollectable(registry);
  const nlohmann::json said{{"port", exposer.GetListeningPorts().front()}, {"text", text.text()}};
  std::puts(said.dump().c_str());
  std::fflush(stdout);
  while (std::getchar() != EOF) continue;
}
