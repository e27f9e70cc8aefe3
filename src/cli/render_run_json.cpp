#include <array>
#include <string_view>

#include "cli/json_fields.h"
#include "cli/run_plan.h"
#include "cli/run_report.h"

namespace xtrace::cli {

namespace {

std::int64_t rounded_microseconds(Duration duration) {
  return std::chrono::round<std::chrono::microseconds>(duration).count();
}

void write_histogram(JsonFields& json, const LatencyHistogram& histogram) {
  if (histogram.count() == 0) return json.null();
  json.begin_object();
  json.count("count", histogram.count());
  json.number_of("min_us", rounded_microseconds(histogram.min()));
  json.number_of("p50_us", rounded_microseconds(histogram.percentile(50)));
  json.number_of("p90_us", rounded_microseconds(histogram.percentile(90)));
  json.number_of("p95_us", rounded_microseconds(histogram.percentile(95)));
  json.number_of("p99_us", rounded_microseconds(histogram.percentile(99)));
  json.number_of("p999_us", rounded_microseconds(histogram.percentile(99.9)));
  json.number_of("max_us", rounded_microseconds(histogram.max()));
  json.number_of("mean_us", rounded_microseconds(histogram.mean()));
  json.end_object();
}

void write_phases(JsonFields& json, const LoadStats& stats) {
  json.key("phases");
  json.begin_object();
  for (std::size_t i = 0; i < kMetricCount; ++i) {
    const auto metric = static_cast<Metric>(i);
    json.JsonWriter::key(to_string(metric));
    if (stats.of(metric, true).count() + stats.of(metric, false).count() == 0) {
      json.null();
      continue;
    }
    json.begin_object();
    json.key("warm");
    write_histogram(json, stats.of(metric, true));
    json.key("cold");
    write_histogram(json, stats.of(metric, false));
    json.end_object();
  }
  json.end_object();
}

void write_statuses(JsonFields& json, const LoadStats& stats) {
  json.key("statuses");
  json.begin_object();
  for (const auto& [status, count] : stats.statuses()) json.count(std::to_string(status), count);
  json.end_object();
}

void write_outline(JsonFields& json, const RunReport& report) {
  json.text("schema", "xtrace.run/1");
  json.text("method", report.method);
  json.text("url", report.url);
  json.text_or_null("trace_id", report.trace_id);
  json.number_of("exit_code", report.exit_code);
  json.count("requests", report.stats->requests());
  json.count("errors", report.stats->failed());
  json.number_of("duration_us", rounded_microseconds(report.duration));
  json.key("rate");
  json.number(report.rate());
  json.key("connections");
  json.begin_object();
  json.count("opened", report.opened);
  json.count("reused", report.stats->warm());
  json.end_object();
  write_statuses(json, *report.stats);
}

void write_errors(JsonFields& json, const LoadStats& stats) {
  json.key("error_counts");
  json.begin_array();
  for (const ErrorCount& error : stats.errors()) {
    json.begin_object();
    json.text("code", to_string(error.code));
    json.text_or_null("phase", error.phase == Phase::none ? "" : to_string(error.phase));
    json.count("count", error.count);
    json.text("message", error.message);
    json.end_object();
  }
  json.end_array();
}

void write_slowest(JsonFields& json, const LoadStats& stats) {
  json.key("slowest");
  json.begin_array();
  for (const SlowRequest& slow : stats.slowest()) {
    json.begin_object();
    json.number_of("total_us", rounded_microseconds(slow.total));
    json.count("number", slow.number);
    json.text("trace_id", slow.trace_id.text());
    json.number_of("status", slow.status);
    json.flag("warm", slow.is_warm);
    json.end_object();
  }
  json.end_array();
}

void write_emission(JsonFields& json, const RunEmission& emission) {
  const EmitterStats& books = emission.books;
  json.key("emit");
  json.begin_object();
  json.text_or_null("to", emission.to);
  json.count("traces", emission.traces);
  json.count("documents", books.documents);
  json.count("sent", books.sent);
  json.count("bytes", books.bytes);
  json.count("refused", books.refused);
  json.count("dropped", emission.lost() - books.refused);
  json.key("receiver_drops");
  if (books.receiver_drops) {
    json.unsigned_integer(*books.receiver_drops);
  } else {
    json.null();
  }
  json.text_or_null("problem", emission.problem);
  json.end_object();
}

void write_slo(JsonFields& json, const std::vector<SloResult>& results) {
  if (results.empty()) return json.null();
  json.begin_array();
  for (const SloResult& result : results) {
    json.begin_object();
    json.text("key", result.key);
    json.text_or_null("stat", result.stat);
    if (result.happened) {
      json.number_of("value_us", rounded_microseconds(result.value));
    } else {
      json.null_member("value_us");
    }
    json.number_of("limit_us", rounded_microseconds(result.limit));
    json.flag("ok", result.ok);
    json.end_object();
  }
  json.end_array();
}

void write_schedule(JsonFields& json, const RunReport& report) {
  json.text("latency_from", report.intended_rate ? "intended_start" : "start");
  json.key("intended_rate");
  if (report.intended_rate) {
    json.number(*report.intended_rate);
  } else {
    json.null();
  }
  json.number_of("latest_us", rounded_microseconds(report.stats->latest()));
  json.count("warmup", report.warmup);
  json.count("cancelled", report.cancelled);
  json.count("missed", report.missed);
  json.flag("interrupted", report.is_interrupted);
}

}  // namespace

std::string render_json(const RunReport& report) {
  const LoadStats& stats = *report.stats;
  std::string text;
  {
    JsonFields json(text);
    json.begin_object();
    write_outline(json, report);
    write_phases(json, stats);
    write_schedule(json, report);
    json.count("unwelcome", report.unwelcome);
    json.count("body_bytes", stats.body_bytes());
    write_errors(json, stats);
    write_slowest(json, stats);
    write_emission(json, report.emission);
    json.key("pool");
    if (report.pool) {
      json.raw(report.pool->to_json());
    } else {
      json.null();
    }
    json.key("slo");
    write_slo(json, report.slo);
    json.key("plan");
    write_json_run_plan(json, report.plan);
    json.end_object();
  }
  return text += "\n";
}

std::string slo_to_json(const std::vector<SloResult>& results) {
  std::string text;
  {
    JsonFields json(text);
    write_slo(json, results);
  }
  return text;
}

}  // namespace xtrace::cli
