#include "runs.h"

#include <string>

#include "report_parts.h"

namespace xtrace::testing {

namespace {

using namespace std::chrono_literals;

TraceId trace_of(std::uint64_t number) {
  std::string text = "1-6b00e84c-0f1e2d3c4b5a697887960000";
  const std::string digits = std::to_string(number);
  text.replace(text.size() - digits.size(), digits.size(), digits);
  return *TraceId::parse(text);
}

/// Of tenths of a millisecond: how long it was connecting, and how long the server took.
Exchange exchange_of(std::int64_t connecting, std::int64_t waiting, int status) {
  Exchange exchange;
  exchange.response.emplace().status = status;
  Timeline& timeline = exchange.timeline;
  timeline.reused = connecting == 0;
  timeline.set(Phase::queue, span(0, 0));
  if (connecting > 0) {
    timeline.set(Phase::dns, span(0, connecting / 6));
    dial(timeline, ip("203.0.113.7", 443), span(connecting / 6, connecting / 2));
    timeline.set(Phase::tls, span(connecting / 2, connecting));
    timeline.set(Phase::connect, span(0, connecting));
  }
  timeline.set(Phase::request, span(connecting, connecting + 1));
  const std::int64_t first_byte = connecting + 1 + waiting;
  timeline.set(Phase::response, span(connecting + 1, first_byte));
  timeline.set(Phase::body, span(first_byte, first_byte + 9));
  timeline.total = tenths(first_byte + 9);
  timeline.response_body_bytes = 200;
  return exchange;
}

void add(cli::LoadStats& stats, std::uint64_t number, const Exchange& exchange,
         Duration late = {}) {
  stats.add({.exchange = exchange, .trace_id = trace_of(number), .number = number, .late = late});
}

cli::RunReport report_of(std::shared_ptr<const cli::LoadStats> stats) {
  cli::RunReport report;
  report.method = "GET";
  report.url = "https://api.example.com/health";
  report.stats = std::move(stats);
  report.emission.to = "udp://127.0.0.1:2000";
  report.emission.traces = report.stats->requests();
  report.emission.books.documents = report.stats->requests();
  report.emission.books.sent = report.stats->requests();
  report.emission.books.bytes = report.stats->requests() * 1'870;
  return report;
}

}  // namespace

cli::RunReport fifty_requests() {
  auto stats = std::make_shared<cli::LoadStats>();
  for (std::uint64_t i = 1; i <= 4; ++i) {
    add(*stats, i, exchange_of(690 + static_cast<std::int64_t>(i) * 9, 900, 200));
  }
  for (std::uint64_t i = 5; i < 50; ++i) {
    add(*stats, i, exchange_of(0, 880 + static_cast<std::int64_t>(i * 131 % 700), 200));
  }
  add(*stats, 50, exchange_of(0, 3617, 503));
  cli::RunReport report = report_of(stats);
  report.duration = 1900ms;
  report.opened = 4;
  report.slo = stats->judge(*cli::parse_slo("ttfb.p95=200ms,total.p99=300ms,dns.max=1ms,proxy=1s"));
  report.exit_code = 4;
  return report;
}

cli::RunReport late_by_the_clock() {
  auto stats = std::make_shared<cli::LoadStats>();
  for (std::uint64_t i = 1; i <= 200; ++i) {
    Exchange exchange = exchange_of(0, 4, 200);
    exchange.timeline.total = std::chrono::microseconds(80 + i % 40);
    add(*stats, i, exchange, std::chrono::microseconds(i > 190 ? i * 150 : i % 7));
  }
  cli::RunReport report = report_of(stats);
  report.url = "http://127.0.0.1:8080/";
  report.duration = 2s;
  report.warmup = 10;
  report.cancelled = 3;
  report.missed = 1;
  report.intended_rate = 2000.0 / 9;
  report.emission = {};
  return report;
}

cli::RunReport all_refused() {
  auto stats = std::make_shared<cli::LoadStats>();
  for (std::uint64_t i = 1; i <= 3; ++i) {
    Exchange exchange;
    exchange.error =
        Error{i == 2 ? Error::Code::connect_timeout : Error::Code::connect_refused, Phase::connect,
              "connect 127.0.0.1:9: connection refused (ECONNREFUSED)"};
    add(*stats, i, exchange);
  }
  cli::RunReport report = report_of(stats);
  report.duration = 2ms;
  report.exit_code = 7;
  return report;
}

cli::RunReport interrupted_run() {
  auto stats = std::make_shared<cli::LoadStats>();
  add(*stats, 1, exchange_of(690, 900, 200));
  add(*stats, 2, exchange_of(0, 910, 404));
  cli::RunReport report = report_of(stats);
  report.duration = 260ms;
  report.opened = 1;
  report.is_interrupted = true;
  report.cancelled = 1;
  report.unwelcome = 1;
  report.trace_id = trace_of(0).to_string();
  report.emission.books.sent = 1;
  report.emission.books.refused = 1;
  report.emission.problem = "send to 127.0.0.1:2000: connection refused (ECONNREFUSED)";
  PoolStats pool;
  pool.name = "default";
  PoolCounts& counts = pool.total;
  counts = {.idle = 0, .limit = 4, .opened = 1, .failed = 1, .reused = 1, .stale_retries = 1};
  counts.closed[static_cast<std::size_t>(CloseReason::cancelled)] = 1;
  pool.addresses.push_back({.address = "api.example.com:443", .counts = counts});
  report.pool = pool;
  report.exit_code = 130;
  return report;
}

}  // namespace xtrace::testing
