#include "collect/metrics_text.h"

#include <map>
#include <utility>

#include "collect/build_version.h"

namespace xtrace::collect {

namespace {

/// Writes families one after the other; each sample belongs to the family begun last.
class MetricsText {
 public:
  explicit MetricsText(std::string& out) : out_(out) {}

  void begin(std::string_view name, std::string_view type, std::string_view help) {
    name_ = "xtrace_listen_";
    name_ += name;
    out_.append("# HELP ").append(name_).append(" ").append(help).append("\n");
    out_.append("# TYPE ").append(name_).append(" ").append(type).append("\n");
  }
  void sample(std::uint64_t value) {
    out_.append(name_).append(" ").append(std::to_string(value)).append("\n");
  }
  void sample(std::string_view label, std::string_view text, std::uint64_t value) {
    out_.append(name_).append("{");
    append_label(label, text);
    end_labels(value);
  }
  void sample(std::string_view label, std::string_view text, std::string_view second_label,
              std::string_view second_text, std::uint64_t value) {
    out_.append(name_).append("{");
    append_label(label, text);
    out_.append(",");
    append_label(second_label, second_text);
    end_labels(value);
  }
  /// A family of one sample.
  void counter(std::string_view name, std::string_view help, std::uint64_t value) {
    begin(name, "counter", help);
    sample(value);
  }
  void gauge(std::string_view name, std::string_view help, std::uint64_t value) {
    begin(name, "gauge", help);
    sample(value);
  }

 private:
  void append_label(std::string_view label, std::string_view text) {
    out_.append(label).append("=\"");
    for (const char letter : text) {
      if (letter == '\n') {
        out_ += "\\n";
        continue;
      }
      if (letter == '"' || letter == '\\') out_ += '\\';
      out_ += letter;
    }
    out_.append("\"");
  }
  void end_labels(std::uint64_t value) {
    out_.append("} ").append(std::to_string(value)).append("\n");
  }

  std::string& out_;
  std::string name_;
};

void write_received(MetricsText& text, const CollectorStats& stats) {
  text.begin("documents_total", "counter", "Documents offered, by the door they came in at.");
  text.sample("door", "udp", stats.doors.udp);
  text.sample("door", "tcp", stats.doors.tcp);
  text.sample("door", "file", stats.doors.file);
  text.begin("refused_total", "counter",
             "Documents that the X-Ray service would refuse, by its code.");
  for (const auto& [code, count] : stats.store.refused) text.sample("code", code, count);
  text.counter("strays_total", "Documents that belong to no trace.", stats.store.strays);
  text.counter("replaced_total", "Documents that took the place of an earlier one of their id.",
               stats.store.replaced);
  text.counter("duplicates_total", "Documents in progress behind a complete one of their id.",
               stats.store.duplicates);
  text.counter("empty_datagrams_total", "Datagrams of no length.", stats.udp.empty);
  text.counter("rejected_headers_total", "Datagrams whose header the daemon would not take.",
               stats.udp.rejected_header);
  text.counter("kernel_drops_total", "Datagrams lost in the socket's buffer.",
               stats.udp.kernel_drops);
}

void write_held(MetricsText& text, const CollectorStats& stats) {
  text.counter("evicted_total", "Traces that made room for newer ones.",
               stats.store.evicted_traces);
  text.counter("evicted_documents_total", "Documents of traces that made room for newer ones.",
               stats.store.evicted_documents);
  text.counter("cleared_documents_total", "Documents that somebody asked to forget.",
               stats.store.cleared_documents);
  text.counter("finished_total", "Traces that were complete, or given up waiting for.",
               stats.finished);
  text.gauge("traces", "Traces held.", stats.store.traces);
  text.gauge("documents", "Documents held.", stats.store.documents);
  text.gauge("bytes", "Memory of the documents held and of all that is held beside them.",
             stats.store.bytes);
  text.gauge("event_streams", "Pages that are told of changes.", stats.event_streams);
}

void write_asked(MetricsText& text, const CollectorStats& stats) {
  text.begin("http_requests_total", "counter", "Requests, by the port they came to.");
  text.sample("port", "tcp", stats.tcp.requests);
  text.sample("port", "web", stats.web.requests);
  text.counter("turned_away_total", "Requests of other sites' pages, refused.", stats.turned_away);
  text.begin("api_requests_total", "counter", "Calls of the X-Ray API, by path.");
  for (const auto& [path, count] : stats.api.requests) text.sample("path", path, count);
  text.counter("api_refused_total", "Calls of the X-Ray API answered with an error.",
               stats.api.refused);
}

void write_given(MetricsText& text, const CollectorStats& stats) {
  if (stats.journal) {
    text.counter("saved_total", "Documents written to the file of --save.",
                 stats.journal->documents);
    text.counter("save_lost_total", "Documents that could not be written to the file of --save.",
                 stats.journal->lost);
  }
  if (stats.taps.empty()) return;
  std::map<std::pair<std::string_view, std::string_view>, std::uint64_t> sums;  // two may share one
  for (const TapStats& tap : stats.taps) {
    for (const auto& [name, count] : tap.counters) sums[{tap.target, name}] += count;
  }
  text.begin("forwarded_total", "counter", "Documents passed on, by target and what became of it.");
  for (const auto& [series, count] : sums)
    text.sample("target", series.first, "outcome", series.second, count);
}

}  // namespace

std::string metrics_text(const CollectorStats& stats) {
  std::string out;
  out.reserve(std::size_t{4} * 1024);
  MetricsText text(out);
  text.begin("build_info", "gauge", "What is running.");
  text.sample("version", kBuildVersion, 1);
  write_received(text, stats);
  write_held(text, stats);
  write_asked(text, stats);
  write_given(text, stats);
  return out;
}

}  // namespace xtrace::collect
