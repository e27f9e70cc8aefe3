#include "collect/perfetto_export.h"

#include <string>

#include "collect/trace_json.h"
#include "collect/track_layout.h"

namespace xtrace::collect {

namespace {

class PerfettoWriter {
 public:
  PerfettoWriter(JsonWriter& json, std::span<const ExportTrace> traces)
      : json_(json), traces_(traces), layout_(traces) {}

  void write();

 private:
  const TraceNode& node_of(const TrackBar& bar) const {
    return traces_[bar.trace].tree.nodes[bar.node];
  }
  void begin(char phase, std::string_view name, const TrackBar& bar, std::int64_t at);
  void write_name(std::string_view what, std::uint32_t process, std::uint32_t track,
                  std::string_view name);
  void write_names(std::uint32_t process);
  void write_bar(const TrackBar& bar);
  void write_facts(const TrackBar& bar);
  void write_instants(const TrackBar& bar);
  void write_arrow(const TrackBar& bar);
  void text(std::string_view key, std::string_view value);

  JsonWriter& json_;
  const std::span<const ExportTrace> traces_;
  const TrackLayout layout_;
  std::uint64_t arrows_ = 0;
};

void PerfettoWriter::write() {
  json_.begin_object();
  json_.key("displayTimeUnit");
  json_.string("ms");
  json_.key("traceEvents");
  json_.begin_array();
  const auto processes = static_cast<std::uint32_t>(layout_.processes().size());
  for (std::uint32_t process = 1; process <= processes; ++process) write_names(process);
  for (const TrackBar& bar : layout_.bars()) {
    write_bar(bar);
    write_instants(bar);
    write_arrow(bar);
  }
  json_.end_array();
  json_.end_object();
}

void PerfettoWriter::write_names(std::uint32_t process) {
  write_name("process_name", process, 0, layout_.processes()[process - 1]);
  for (std::uint32_t track = 1; track <= layout_.tracks(process); ++track) {
    write_name("thread_name", process, track, "lane " + std::to_string(track));
  }
}

void PerfettoWriter::write_name(std::string_view what, std::uint32_t process, std::uint32_t track,
                                std::string_view name) {
  json_.begin_object();
  text("ph", "M");
  text("name", what);
  json_.key("pid");
  json_.unsigned_integer(process);
  json_.key("tid");
  json_.unsigned_integer(track);
  json_.key("args");
  json_.begin_object();
  text("name", name);
  json_.end_object();
  json_.end_object();
}

/// An event that its caller ends.
void PerfettoWriter::begin(char phase, std::string_view name, const TrackBar& bar,
                           std::int64_t at) {
  json_.begin_object();
  text("ph", {&phase, 1});
  text("name", name);
  text("cat", node_of(bar).is_segment ? "segment" : "subsegment");
  json_.key("pid");
  json_.unsigned_integer(bar.process);
  json_.key("tid");
  json_.unsigned_integer(bar.track);
  json_.key("ts");
  json_.integer(at);
}

void PerfettoWriter::write_bar(const TrackBar& bar) {
  const TraceNode& node = node_of(bar);
  begin('X', node.name, bar, bar.begin);
  json_.key("dur");
  json_.integer(bar.end - bar.begin);
  // Names of the viewers' own palette.
  if (node.flags.fault) {
    text("cname", "terrible");
  } else if (node.flags.error || node.flags.throttle) {
    text("cname", "bad");
  }
  json_.key("args");
  json_.begin_object();
  write_facts(bar);
  json_.end_object();
  json_.end_object();
}

void PerfettoWriter::write_facts(const TrackBar& bar) {
  const TraceNode& node = node_of(bar);
  text("trace_id", traces_[bar.trace].id.text());
  text("id", node.id.text());
  if (!node.http.method.empty()) text("method", node.http.method);
  if (!node.http.url.empty()) text("url", node.http.url);
  if (node.http.status != 0) {
    json_.key("status");
    json_.integer(node.http.status);
  }
  for (const auto& [name, has_it] :
       {std::pair("error", node.flags.error), std::pair("throttle", node.flags.throttle),
        std::pair("fault", node.flags.fault), std::pair("in_progress", node.is_in_progress)}) {
    if (!has_it) continue;
    json_.key(std::string_view(name));
    json_.boolean(true);
  }
  for (const auto& [name, block] :
       {std::pair("annotations", node.annotations), std::pair("metadata", node.metadata),
        std::pair("sql", node.sql), std::pair("aws", node.aws)}) {
    if (block.empty()) continue;
    json_.key(std::string_view(name));
    write_block(json_, block);
  }
}

void PerfettoWriter::write_instants(const TrackBar& bar) {
  for (const NodeException& exception : node_of(bar).exceptions) {
    begin('i', exception.type.empty() ? "exception" : exception.type, bar, bar.end);
    text("s", "t");
    json_.key("args");
    json_.begin_object();
    text("message", exception.message);
    json_.end_object();
    json_.end_object();
  }
}

/// From the call to the segment of the service that was called.
void PerfettoWriter::write_arrow(const TrackBar& bar) {
  const TraceNode& node = node_of(bar);
  if (!node.is_segment || node.parent == TraceNode::kNone) return;
  const TrackBar* const caller = layout_.find(bar.trace, node.parent);
  if (caller == nullptr || caller->process == bar.process) return;
  ++arrows_;
  for (const char phase : {'s', 'f'}) {
    const TrackBar& end = phase == 's' ? *caller : bar;
    begin(phase, "call", end, end.begin);
    if (phase == 'f') text("bp", "e");
    json_.key("id");
    json_.unsigned_integer(arrows_);
    json_.end_object();
  }
}

void PerfettoWriter::text(std::string_view key, std::string_view value) {
  json_.key(key);
  json_.string(value);
}

}  // namespace

void write_perfetto(JsonWriter& json, std::span<const ExportTrace> traces) {
  PerfettoWriter(json, traces).write();
}

}  // namespace xtrace::collect
