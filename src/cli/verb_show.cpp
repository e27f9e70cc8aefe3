#include "cli/verb_show.h"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "base/json_writer.h"
#include "base/system_reason.h"
#include "cli/document_file.h"
#include "cli/exit_code.h"
#include "cli/notes.h"
#include "cli/text.h"
#include "cli/trace_formats.h"
#include "cli/trace_lines.h"
#include "cli/trace_question.h"
#include "cli/trace_waterfall.h"
#include "cli/trace_words.h"
#include "collect/document_facts.h"
#include "collect/trace_json.h"
#include "collect/trace_store.h"

namespace xtrace::cli {

namespace {

using ShowFormat = ShowOptions::Format;
using collect::StoredTrace;
using collect::TraceDigest;

constexpr std::size_t kEveryTrace = std::numeric_limits<std::size_t>::max();
constexpr std::uint64_t kShownRefusals = 20;

bool has_errors(const TraceDigest& digest) {
  return digest.flags != Flags{};
}

/// Faults first.
int rank_of_flags(const Flags& flags) {
  if (flags.fault) return 0;
  if (flags.throttle) return 1;
  return flags.error ? 2 : 3;
}

/// Whether an id is the one that is meant: all of it in either form, or a part of it.
bool is_meant(const TraceId& id, const std::string& wanted) {
  const auto whole = TraceId::parse(wanted);
  if (whole) return *whole == id;
  const std::string_view text = id.text();
  const auto is_same = [](char a, char b) { return to_lower(a) == to_lower(b); };
  return std::search(text.begin(), text.end(), wanted.begin(), wanted.end(), is_same) != text.end();
}

/// Formats that have all traces in one piece.
std::optional<TraceFormat> format_of_many(ShowFormat format) {
  switch (format) {
    case ShowFormat::har:
      return TraceFormat::har;
    case ShowFormat::perfetto:
      return TraceFormat::perfetto;
    case ShowFormat::otlp:
      return TraceFormat::otlp;
    case ShowFormat::csv:
      return TraceFormat::csv;
    case ShowFormat::prom:
      return TraceFormat::prom;
    default:
      return std::nullopt;
  }
}

/// One run of the verb.
class Show {
 public:
  Show(const ShowOptions& options, const Process& process)
      : options_(options),
        process_(process),
        style_(make_style(inspect_terminal(process.out), options.color, process.environment)),
        store_({.traces = kEveryTrace, .bytes = kEveryTrace}) {}

  int run() {
    if (options_.file.empty()) {
      ask_listener();
    } else {
      read_file();
    }
    if (code_ != ExitCode::done && code_ != ExitCode::invalid_document) return to_int(code_);
    const std::vector<const StoredTrace*> traces = choose();
    if (code_ != ExitCode::unmet) write(traces);
    return to_int(code_);
  }

 private:
  void read_file();
  void take(const DocumentReader::Item& item, const std::string& name);
  void ask_listener();
  Expected<void> fetch_errors(TraceQuestion& question, std::span<const TraceId> ids);
  void fail_to_ask(const Error& error);
  std::vector<const StoredTrace*> choose();
  void complain_of_choice(const std::vector<const StoredTrace*>& traces);
  void write(const std::vector<const StoredTrace*>& traces);
  std::string render(const StoredTrace& trace) const;
  std::string harmless(std::string text) const {
    return harmless_lines(std::move(text), inspect_terminal(process_.out), style_);
  }
  void put(std::string_view text);
  void refuse(const std::string& sentence);
  void fail(ExitCode code, const std::string& sentence);
  void tell(const std::string& sentence) const;

  const ShowOptions& options_;
  const Process& process_;
  Style style_;
  collect::TraceStore store_;
  std::uint64_t refused_ = 0;
  std::size_t passed_over_ = 0;  // of a listener's traces: without an error
  ExitCode code_ = ExitCode::done;
  bool lost_reader_ = false;
};

void Show::read_file() {
  using Kind = DocumentReader::Item::Kind;
  const auto opened = DocumentFile::open(options_.file, process_);
  if (const Error* error = opened.if_error()) return fail(ExitCode::usage, error->message);
  DocumentFile& file = **opened;
  while (true) {
    const DocumentReader::Item item = file.next();
    if (item.kind == Kind::end) break;
    if (item.kind == Kind::failed) {
      return fail(ExitCode::usage, "cannot read " + file.name() + ": " + item.reason);
    }
    take(item, file.name());
  }
  if (refused_ > kShownRefusals) {
    tell("and " + std::to_string(refused_ - kShownRefusals) + " more that X-Ray would refuse");
  }
  if (store_.stats().received == 0 && refused_ == 0) tell(file.name() + " holds no document");
}

void Show::take(const DocumentReader::Item& item, const std::string& name) {
  const std::string place = name + ": line " + std::to_string(item.line) + ": ";
  if (item.text.empty()) return refuse(place + item.reason);
  const auto refusal = store_.add(item.text, collect::Door::file, now().wall);
  if (refusal) refuse(place + collect::fault_of(item.text));
}

void Show::ask_listener() {
  TraceQuestion question(options_.from);
  std::vector<TraceId> ids;
  const auto whole = TraceId::parse(options_.id);
  if (whole) {
    ids.push_back(*whole);
  } else {
    const bool is_one = !options_.id.empty();
    const bool asks_for_all = is_one || options_.has_errors_only;
    auto listed = question.list(options_.filter_text, asks_for_all ? kEveryTrace : options_.limit);
    if (const Error* error = listed.if_error()) return fail_to_ask(*error);
    ids = *std::move(listed);
    if (is_one)
      std::erase_if(ids, [this](const TraceId& id) { return !is_meant(id, options_.id); });
  }
  const auto fetched =
      options_.has_errors_only ? fetch_errors(question, ids) : question.fetch(ids, store_);
  if (const Error* error = fetched.if_error()) return fail_to_ask(*error);
}

/// Which traces have an error anywhere is known of their documents alone: looks at some at a time
/// until there are enough.
Expected<void> Show::fetch_errors(TraceQuestion& question, std::span<const TraceId> ids) {
  constexpr std::size_t kLook = 100;
  std::size_t found = 0;
  while (!ids.empty() && found < options_.limit) {
    const auto some = ids.first(std::min(ids.size(), kLook));
    ids = ids.subspan(some.size());
    collect::TraceStore looked_at({.traces = kEveryTrace, .bytes = kEveryTrace});
    const auto fetched = question.fetch(some, looked_at);
    if (const Error* error = fetched.if_error()) return *error;
    for (const TraceId& id : some) {
      const StoredTrace* const trace = found < options_.limit ? looked_at.find(id) : nullptr;
      if (trace == nullptr) continue;
      ++(has_errors(looked_at.digest(*trace)) ? found : passed_over_);
      if (!has_errors(looked_at.digest(*trace))) continue;
      for (const collect::StoredDocument& document : trace->documents()) {
        static_cast<void>(store_.add(document.text(), collect::Door::file, now().wall));
      }
    }
  }
  return {};
}

void Show::fail_to_ask(const Error& error) {
  fail(ExitCode::not_emitted, error.message);
  if (error.code != Error::Code::connect_refused) return;
  tell("nobody listens there: start xtrace listen first, or name a FILE");
}

/// In the order in which they began.
std::vector<const StoredTrace*> Show::choose() {
  std::vector<const StoredTrace*> traces;
  store_.visit_newest([&](const StoredTrace& trace) {
    const TraceDigest& digest = store_.digest(trace);
    const bool is_wanted = (options_.id.empty() || is_meant(trace.id(), options_.id)) &&
                           (!options_.has_errors_only || has_errors(digest)) &&
                           options_.filter.matches(digest);
    if (is_wanted) traces.push_back(&trace);
    return true;
  });
  const auto place_of = [this](const StoredTrace* trace) {
    const TraceDigest& digest = store_.digest(*trace);
    return std::tuple(options_.has_errors_first ? rank_of_flags(digest.flags) : 0, digest.start,
                      trace->id().text());
  };
  std::ranges::sort(traces, {}, place_of);
  complain_of_choice(traces);
  return traces;
}

void Show::complain_of_choice(const std::vector<const StoredTrace*>& traces) {
  const std::string where = options_.file.empty()  ? "xtrace listen at " + options_.from.to_string()
                            : options_.file == "-" ? "stdin"
                                                   : options_.file;
  if (traces.empty() && !options_.id.empty()) {
    return fail(ExitCode::unmet, where + " holds no such trace: " + options_.id);
  }
  const std::size_t held = store_.stats().traces + passed_over_;
  if (traces.empty() && held > 0) {
    return fail(ExitCode::unmet,
                where + " has " + counted(held, "trace") + ", and none that is " + "asked for");
  }
  if (traces.empty() && options_.file.empty()) {
    const bool is_narrowed = !options_.filter_text.empty();
    tell(where + (is_narrowed ? " holds no trace that --filter takes" : " holds no trace"));
  }
}

void Show::write(const std::vector<const StoredTrace*>& traces) {
  if (const auto format = format_of_many(options_.format)) {
    return put(harmless(render_traces(traces, store_, *format, style_)));
  }
  const bool is_list =
      options_.format == ShowFormat::pretty && traces.size() > 1 && !options_.draws_all;
  if (is_list) put(draw_trace_columns(style_));
  for (std::size_t i = 0; i < traces.size() && !lost_reader_; ++i) {
    if (is_list) {
      put(draw_trace_row(*traces[i], store_.digest(*traces[i]), Telling::first, style_));
    } else {
      if (i > 0 && options_.format == ShowFormat::pretty) put("\n");
      const std::string text = render(*traces[i]);
      put(options_.format == ShowFormat::pretty ? text : harmless(text));
    }
  }
}

std::string Show::render(const StoredTrace& trace) const {
  const TraceDigest& digest = store_.digest(trace);
  if (options_.format == ShowFormat::jsonl) return trace_json_line(trace, digest);
  if (options_.format == ShowFormat::xray) {
    const StoredTrace* const one = &trace;
    return render_traces(std::span(&one, 1), store_, TraceFormat::xray, style_);
  }
  const collect::TraceTree tree = collect::build_tree(trace);
  if (options_.format == ShowFormat::pretty) return draw_trace({trace, tree, digest}, style_);
  std::string text;
  {
    JsonWriter json(text);
    collect::write_trace(json, trace, digest, tree);
  }
  return text + "\n";
}

void Show::put(std::string_view text) {
  const WriteResult result = write_all(process_.out, text);
  if (result == WriteResult::written) return;
  lost_reader_ = true;
  if (result == WriteResult::failed) {
    fail(ExitCode::not_written, "cannot write to stdout: " + system_reason(errno));
  }
}

void Show::refuse(const std::string& sentence) {
  code_ = ExitCode::invalid_document;
  if (++refused_ <= kShownRefusals) tell(sentence);
}

void Show::fail(ExitCode code, const std::string& sentence) {
  code_ = code;
  tell(sentence);
}

void Show::tell(const std::string& sentence) const {
  const TerminalFacts facts = inspect_terminal(process_.err);
  const Style plain = make_style(facts, ColorChoice::never, process_.environment);
  say(process_, escape_for_terminal(sentence, plain));
}

}  // namespace

int run_show(const ParsedFlags& flags, Process& process) {
  const auto options = read_show_options(flags, process.environment);
  if (const Error* error = options.if_error()) return refuse_usage(process, *error);
  return Show(*options, process).run();
}

}  // namespace xtrace::cli
