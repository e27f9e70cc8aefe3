#include "cli/verb_convert.h"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <tuple>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/system_reason.h"
#include "cli/document_reader.h"
#include "cli/exit_code.h"
#include "cli/notes.h"
#include "cli/text.h"
#include "collect/document_facts.h"
#include "collect/otlp_import.h"
#include "collect/trace_store.h"
#include "xray/json_cursor.h"

namespace xtrace::cli {

namespace {

using collect::StoredTrace;

constexpr std::size_t kConvertLimit = std::numeric_limits<std::size_t>::max();
constexpr std::uint64_t kMostToldRefusals = 20;

/// Why nothing can be made of a file of that kind; empty where something can.
std::string_view reason_against(TraceSource source) {
  switch (source) {
    case TraceSource::report:
      return "it holds reports, which have no ids of segments; xtrace get writes the formats of "
             "traces itself, as in --format otlp";
    case TraceSource::har:
      return "it is an HTTP archive, which has neither traces nor segments";
    case TraceSource::perfetto:
      return "it holds Chrome trace events, which have neither traces nor segments";
    default:
      return {};
  }
}

/// One run of the verb.
class Conversion {
 public:
  Conversion(const ConvertOptions& options, const Process& process)
      : options_(options),
        process_(process),
        store_({.traces = kConvertLimit, .bytes = kConvertLimit}) {}

  int run() {
    for (const std::string& path : options_.files) {
      if (!read_one(path)) return to_int(code_);
    }
    if (refused_ > kMostToldRefusals) {
      tell("and " + std::to_string(refused_ - kMostToldRefusals) + " more that are refused");
    }
    write();
    return to_int(code_);
  }

 private:
  bool read_one(const std::string& path);
  void read_documents(std::string_view text, const std::string& name);
  void read_spans(std::string_view text, const std::string& name);
  void take(std::string_view document, std::uint64_t line, const std::string& name);
  std::vector<const StoredTrace*> in_order() const;
  void write();
  void refuse(const std::string& name, std::uint64_t line, std::string_view reason);
  void fail(ExitCode code, const std::string& sentence);
  void tell(const std::string& sentence) const;

  const ConvertOptions& options_;
  const Process& process_;
  collect::TraceStore store_;
  std::uint64_t refused_ = 0;
  ExitCode code_ = ExitCode::done;
};

bool Conversion::read_one(const std::string& path) {
  const auto text = read_file(path, process_);
  if (const Error* error = text.if_error()) {
    fail(ExitCode::usage, error->message);
    return false;
  }
  const std::string name = path == "-" ? "stdin" : path;
  const TraceSource source = options_.from.value_or(guess_trace_source(*text));
  if (const std::string_view reason = reason_against(source); !reason.empty()) {
    refuse(name, 1, reason);
  } else if (source == TraceSource::otlp) {
    read_spans(*text, name);
  } else {
    read_documents(*text, name);
  }
  return true;
}

void Conversion::read_documents(std::string_view text, const std::string& name) {
  using Kind = DocumentReader::Item::Kind;
  TextSource source(text);
  DocumentReader reader(source, {});
  while (true) {
    const DocumentReader::Item item = reader.next();
    if (item.kind == Kind::end || item.kind == Kind::failed) return;
    if (item.kind == Kind::refused) {
      refuse(name, item.line, item.reason);
    } else {
      take(item.text, item.line, name);
    }
  }
}

void Conversion::read_spans(std::string_view text, const std::string& name) {
  collect::OtlpReader reader(
      {.document = [&](std::string_view document,
                       std::uint64_t line) { take(document, line, name); },
       .refusal = [&](std::uint64_t line,
                      const std::string& reason) { refuse(name, line, reason); }});
  reader.read(text);
}

void Conversion::take(std::string_view document, std::uint64_t line, const std::string& name) {
  const std::string fault = collect::fault_of(document);
  if (!fault.empty()) return refuse(name, line, fault);
  store_.add(document, collect::Door::file, now().wall);
}

/// In the order in which they began.
std::vector<const StoredTrace*> Conversion::in_order() const {
  std::vector<const StoredTrace*> traces;
  store_.visit_newest([&traces](const StoredTrace& trace) {
    traces.push_back(&trace);
    return true;
  });
  std::ranges::sort(traces, {}, [this](const StoredTrace* trace) {
    return std::tuple(store_.digest(*trace).start, trace->id());
  });
  return traces;
}

void Conversion::write() {
  const bool is_file = !options_.output.empty();
  int descriptor = process_.out;
  if (is_file) {
    constexpr mode_t kMode = 0666;
    descriptor = open(options_.output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kMode);
    if (descriptor < 0) {
      return fail(ExitCode::not_written,
                  "cannot write " + options_.output + ": " + system_reason(errno));
    }
  }
  const TerminalFacts facts = inspect_terminal(descriptor);
  const Style style = make_style(facts, options_.color, process_.environment);
  const std::string whole = render_traces(in_order(), store_, options_.to, style);
  const bool is_drawn = options_.to == TraceFormat::pretty;
  const std::string text = is_drawn ? whole : harmless_lines(whole, facts, style);
  const WriteResult result = write_all(descriptor, text);
  const int reason = errno;
  const bool is_kept = !is_file || close(descriptor) == 0;
  if (result != WriteResult::failed && is_kept) return;
  fail(ExitCode::not_written, "cannot write " + (is_file ? options_.output : "to stdout") + ": " +
                                  system_reason(result == WriteResult::failed ? reason : errno));
}

void Conversion::refuse(const std::string& name, std::uint64_t line, std::string_view reason) {
  code_ = ExitCode::invalid_document;
  if (++refused_ > kMostToldRefusals) return;
  tell(name + ": line " + std::to_string(line) + ": " + std::string(reason));
}

void Conversion::fail(ExitCode code, const std::string& sentence) {
  code_ = code;
  tell(sentence);
}

void Conversion::tell(const std::string& sentence) const {
  const TerminalFacts facts = inspect_terminal(process_.err);
  const Style plain = make_style(facts, ColorChoice::never, process_.environment);
  say(process_, escape_for_terminal(sentence, plain));
}

}  // namespace

TraceSource guess_trace_source(std::string_view text) {
  TraceSource source = TraceSource::xray;
  JsonCursor cursor(text);
  if (cursor.token() != '{') return source;
  cursor.object([&](const JsonText& key) {
    if (key.means("resourceSpans")) source = TraceSource::otlp;
    if (key.means("traceEvents")) source = TraceSource::perfetto;
    if (key.means("log")) source = TraceSource::har;
    if (key.means("schema")) {
      const bool is_text = cursor.token() == '"';
      const std::optional<JsonText> schema = is_text ? cursor.string() : std::nullopt;
      if (schema && schema->raw.starts_with("xtrace.")) source = TraceSource::report;
      return schema.has_value() || cursor.skip_value();
    }
    return source == TraceSource::xray && cursor.skip_value();
  });
  return source;
}

int run_convert(const ParsedFlags& flags, Process& process) {
  const auto options = read_convert_options(flags);
  if (const Error* error = options.if_error()) return refuse_usage(process, *error);
  return Conversion(*options, process).run();
}

}  // namespace xtrace::cli
