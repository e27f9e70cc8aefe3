#include "cli/verb_span.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <iterator>
#include <optional>
#include <utility>

#include "base/system_reason.h"
#include "cli/document_sink.h"
#include "cli/exit_code.h"
#include "cli/notes.h"
#include "cli/options.h"
#include "cli/span_record.h"
#include "cli/span_token.h"

namespace xtrace::cli {

namespace {

constexpr const char* kTokenVariable = "XTRACE_SPAN";

int print(const Process& process, const std::string& text) {
  if (write_all(process.out, text + "\n") != WriteResult::failed) return to_int(ExitCode::done);
  say(process, "cannot write to stdout: " + system_reason(errno));
  return to_int(ExitCode::not_written);
}

/// In single quotes, as every shell takes them.
std::string shell_quoted(std::string_view text) {
  std::string word = "'";
  for (const char letter : text) {
    if (letter == '\'') {
      word += "'\\''";
    } else {
      word += letter;
    }
  }
  return word + "'";
}

/// A shell command that gives a variable this value, or none.
std::string assignment(std::string_view name, const std::string& value) {
  if (value.empty()) return "unset " + std::string(name) + "; ";
  return "export " + std::string(name) + "=" + shell_quoted(value) + "; ";
}

std::string assignments(const std::string& token, const TraceHeader& header) {
  std::string commands = assignment(kTokenVariable, token) +
                         assignment("_X_AMZN_TRACE_ID", header.to_string()) +
                         assignment("TRACEPARENT", header.to_traceparent()) +
                         assignment("TRACESTATE", header.to_tracestate());
  commands.resize(commands.size() - 1);
  return commands;
}

/// The context of the span that this one was begun in; nothing where it is the first of its trace.
TraceHeader header_of_parent(const SpanContext& context) {
  if (!context.parent_id) return {};
  SpanContext parent = context;
  parent.id = *context.parent_id;
  return parent.header();
}

/// The token among the words, taken off them, or the environment's.
Expected<SpanRecord> take_span(const ParsedFlags& flags, std::vector<std::string>& words,
                               const Process& process) {
  std::string token;
  if (!words.empty() && words.front().find('=') == std::string::npos) {
    token = words.front();
    words.erase(words.begin());
  } else if (const char* kept = process.environment(kTokenVariable); kept != nullptr) {
    token = kept;
  } else {
    return flags.refuse("needs the token that xtrace span begin printed, or XTRACE_SPAN");
  }
  auto record = parse_token(token);
  if (const auto* error = record.if_error()) return flags.refuse("cannot go on: " + error->message);
  return record;
}

void add_notes(SpanRecord& record, TraceOptions notes) {
  std::ranges::move(notes.annotations, std::back_inserter(record.annotations));
  std::ranges::move(notes.metadata, std::back_inserter(record.metadata));
}

/// What the words and flags of `span note` say. All of them, or none.
Expected<TraceOptions> read_notes(const ParsedFlags& flags, const std::vector<std::string>& words) {
  auto notes = read_trace_options(flags);
  if (const auto* error = notes.if_error()) return *error;
  for (const std::string& word : words) {
    auto annotation = parse_annotation(word);
    if (const auto* error = annotation.if_error()) {
      return flags.refuse("cannot take a note: " + error->message);
    }
    notes->annotations.push_back(std::move(annotation).value());
  }
  if (notes->annotations.empty() && notes->metadata.empty()) {
    return flags.refuse("needs a note, as in xtrace span note \"$T\" shard=3");
  }
  return notes;
}

Expected<TraceHeader> find_parent(const ParsedFlags& flags, const TraceOptions& options,
                                  const Process& process) {
  TraceHeader parent;
  if (const auto token = flags.value("parent")) {
    if (options.header) return flags.refuse("takes --parent or --trace-header, not both");
    auto record = parse_token(*token);
    if (const auto* error = record.if_error()) return flags.refuse("parent", error->message);
    parent = record->context.header();
  } else if (options.header) {
    parent = parse_trace_header(*options.header);
  } else {
    parent = read_caller(process.environment);
  }
  if (options.sampled) parent.sampled = *options.sampled;
  return parent;
}

/// Documents on stdout would end up in the script's token, or be run by its `eval`.
Expected<void> check_stdout(const ParsedFlags& flags, const TraceOptions& options) {
  if (options.emit.kind != EmitTarget::Kind::standard_output) return {};
  return flags.refuse("emit", "stdout is for the script; write file:PATH to keep the documents");
}

Expected<int> parse_status(const ParsedFlags& flags, const std::string& text) {
  int status = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), status);
  const bool is_whole = failure == std::errc{} && end == text.data() + text.size();
  if (is_whole && status >= 100 && status <= 999) return status;
  return flags.refuse("status", "the value is not an HTTP status such as 503");
}

/// Sends the span as it is. True where that is as good as it has to be.
bool send(const SpanRecord& record, const TraceOptions& options, bool is_silent,
          const Process& process) {
  if (!record.context.is_sampled) return true;
  DocumentSink sink(decide_leniently(options.emit, process, is_silent));
  sink.send(write_documents(record));
  const EmitReport emit = sink.conclude(options.requires_emit);
  using Outcome = EmitReport::Outcome;
  if (emit.outcome == Outcome::sent) return true;
  const bool is_told = emit.outcome == Outcome::failed || options.requires_emit;
  if (is_told && !is_silent) say(process, emit.reason + ", the span was not kept");
  return !options.requires_emit;
}

}  // namespace

int run_span_begin(const ParsedFlags& flags, Process& process) {
  if (flags.positionals().empty() || flags.positionals().front().empty()) {
    return refuse_usage(process, flags.refuse("needs a name, as in xtrace span begin build"));
  }
  auto options = read_trace_options(flags);
  if (const auto* error = options.if_error()) return refuse_usage(process, *error);
  const auto checked = check_stdout(flags, *options);
  if (const auto* error = checked.if_error()) return refuse_usage(process, *error);
  auto parent = find_parent(flags, *options, process);
  if (const auto* error = parent.if_error()) return refuse_usage(process, *error);

  SpanRecord record;
  // What the token holds, so that both documents begin at the same time.
  record.start = std::chrono::floor<std::chrono::microseconds>(now().wall);
  record.context = make_span_context(*parent, record.start);
  record.name = flags.positionals().front();
  add_notes(record, *options);
  const auto token = to_token(record);
  if (const auto* error = token.if_error()) {
    return refuse_usage(process, flags.refuse("cannot begin: " + error->message));
  }
  const bool is_kept = send(record, *options, flags.has("silent"), process);
  const int printed =
      print(process, flags.has("export") ? assignments(*token, record.context.header()) : *token);
  return printed == 0 && !is_kept ? to_int(ExitCode::not_emitted) : printed;
}

int run_span_note(const ParsedFlags& flags, Process& process) {
  std::vector<std::string> words = flags.positionals();
  auto record = take_span(flags, words, process);
  if (const auto* error = record.if_error()) return refuse_usage(process, *error);
  const auto print_token = [&flags, &process](const std::string& token) {
    return print(process, flags.has("export") ? assignment(kTokenVariable, token) : token);
  };
  const std::string before = to_token(*record).value();
  auto notes = read_notes(flags, words);
  std::optional<Error> problem;
  if (const auto* error = notes.if_error()) problem = *error;
  if (!problem) {
    add_notes(*record, std::move(notes).value());
    const auto token = to_token(*record);
    if (token) return print_token(*token);
    problem = flags.refuse("cannot take a note: " + token.error().message);
  }
  static_cast<void>(print_token(before));
  return refuse_usage(process, *problem);
}

int run_span_end(const ParsedFlags& flags, Process& process) {
  std::vector<std::string> words = flags.positionals();
  auto record = take_span(flags, words, process);
  if (const auto* error = record.if_error()) return refuse_usage(process, *error);
  auto options = read_trace_options(flags);
  if (const auto* error = options.if_error()) return refuse_usage(process, *error);
  if (!words.empty()) return refuse_usage(process, flags.refuse("takes a token and flags only"));
  if (flags.has("export")) {
    const auto checked = check_stdout(flags, *options);
    if (const auto* error = checked.if_error()) return refuse_usage(process, *error);
  }
  if (const auto text = flags.value("status")) {
    const auto status = parse_status(flags, *text);
    if (const auto* error = status.if_error()) return refuse_usage(process, *error);
    record->status = *status;
  }
  if (const auto message = flags.value("error")) {
    record->failure =
        SpanFailure{.type = "error", .message = message->empty() ? "failed" : *message};
  }
  record->end = std::max(now().wall, record->start);
  add_notes(*record, *options);
  const bool is_kept = send(*record, *options, flags.has("silent"), process);
  int printed = to_int(ExitCode::done);
  if (flags.has("export")) {
    printed = print(process, assignments("", header_of_parent(record->context)));
  }
  return printed == 0 && !is_kept ? to_int(ExitCode::not_emitted) : printed;
}

int run_span_header(const ParsedFlags& flags, Process& process) {
  std::vector<std::string> words = flags.positionals();
  auto record = take_span(flags, words, process);
  if (const auto* error = record.if_error()) return refuse_usage(process, *error);
  if (!words.empty()) return refuse_usage(process, flags.refuse("takes a token only"));
  const TraceHeader header = record->context.header();
  return print(process, flags.has("traceparent") ? header.to_traceparent() : header.to_string());
}

}  // namespace xtrace::cli
