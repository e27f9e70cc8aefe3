#include "collect/stats_json.h"

#include "collect/build_version.h"
#include "collect/trace_json.h"

namespace xtrace::collect {

namespace {

void write_count(JsonWriter& json, std::string_view name, std::uint64_t count) {
  json.key(name);
  json.unsigned_integer(count);
}

void write_store(JsonWriter& json, const CollectorStats& stats) {
  const StoreStats& store = stats.store;
  write_count(json, "received", store.received);
  write_count(json, "replaced", store.replaced);
  write_count(json, "duplicates", store.duplicates);
  write_count(json, "strays", store.strays);
  json.key("rejected");
  json.begin_object();
  write_count(json, "header", stats.udp.rejected_header);
  for (const auto& [code, count] : store.refused) write_count(json, code, count);
  json.end_object();
  write_count(json, "kernel_drops", stats.udp.kernel_drops);
  write_count(json, "traces", store.traces);
  write_count(json, "documents", store.documents);
  write_count(json, "bytes", store.bytes);
  write_count(json, "evicted", store.evicted_traces);
  write_count(json, "evicted_documents", store.evicted_documents);
  write_count(json, "cleared_documents", store.cleared_documents);
  write_count(json, "finished", stats.finished);
}

void write_taps(JsonWriter& json, const std::vector<TapStats>& taps) {
  json.key("forward");
  json.begin_array();
  for (const TapStats& tap : taps) {
    json.begin_object();
    json.key("target");
    json.string(tap.target);
    for (const auto& [name, count] : tap.counters) write_count(json, name, count);
    json.end_object();
  }
  json.end_array();
}

void write_journal(JsonWriter& json, const std::optional<JournalStats>& journal) {
  json.key("journal");
  if (!journal) return json.null();
  json.begin_object();
  write_count(json, "documents", journal->documents);
  write_count(json, "bytes", journal->bytes);
  write_count(json, "lost", journal->lost);
  json.key("reason");
  write_text(json, journal->reason);
  json.end_object();
}

void write_doors(JsonWriter& json, const CollectorStats& stats) {
  json.key("doors");
  json.begin_object();
  write_count(json, "udp", stats.doors.udp);
  write_count(json, "tcp", stats.doors.tcp);
  write_count(json, "file", stats.doors.file);
  json.end_object();
  json.key("udp");
  json.begin_object();
  write_count(json, "datagrams", stats.udp.datagrams);
  write_count(json, "bytes", stats.udp.bytes);
  write_count(json, "empty", stats.udp.empty);
  write_count(json, "socket_buffer", stats.udp.socket_buffer);
  json.end_object();
}

void write_server(JsonWriter& json, const HttpServerStats& server) {
  json.begin_object();
  write_count(json, "accepted", server.accepted);
  write_count(json, "open", server.open);
  write_count(json, "requests", server.requests);
  write_count(json, "answered", server.answered);
  write_count(json, "refused", server.refused);
  write_count(json, "too_slow", server.too_slow);
  json.end_object();
}

void write_api(JsonWriter& json, const XrayApiStats& api) {
  json.key("api");
  json.begin_object();
  json.key("requests");
  json.begin_object();
  for (const auto& [path, count] : api.requests) write_count(json, path, count);
  json.end_object();
  write_count(json, "refused", api.refused);
  write_count(json, "telemetry_records", api.telemetry_records);
  write_count(json, "sampling_clients", api.sampling_clients);
  json.end_object();
}

}  // namespace

void write_stats(JsonWriter& json, const CollectorStats& stats) {
  json.begin_object();
  write_store(json, stats);
  write_taps(json, stats.taps);
  write_journal(json, stats.journal);
  write_doors(json, stats);
  json.key("tcp");
  write_server(json, stats.tcp);
  json.key("web");
  write_server(json, stats.web);
  write_api(json, stats.api);
  write_count(json, "turned_away", stats.turned_away);
  write_count(json, "event_streams", stats.event_streams);
  json.key("started");
  json.time(stats.started);
  json.key("version");
  json.string(kBuildVersion);
  json.end_object();
}

}  // namespace xtrace::collect
