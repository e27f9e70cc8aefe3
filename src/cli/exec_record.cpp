#include "cli/exec_record.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <utility>

#include <signal.h>
#include <unistd.h>

#include "base/json_writer.h"
#include "base/system_reason.h"
#include "cli/units.h"

namespace xtrace::cli {

namespace {

using ExecEnd = ChildEnd::Kind;

constexpr int kTimedOut = 124;
constexpr int kNotStarted = 125;
constexpr int kNotExecutable = 126;
constexpr int kNotFound = 127;
constexpr int kSignalBase = 128;

constexpr std::string_view kSpace = "process";

struct SignalName {
  int number;
  std::string_view name;
};

constexpr auto kSignalNames = std::to_array<SignalName>({{SIGHUP, "SIGHUP"},
                                                         {SIGINT, "SIGINT"},
                                                         {SIGQUIT, "SIGQUIT"},
                                                         {SIGILL, "SIGILL"},
                                                         {SIGTRAP, "SIGTRAP"},
                                                         {SIGABRT, "SIGABRT"},
                                                         {SIGBUS, "SIGBUS"},
                                                         {SIGFPE, "SIGFPE"},
                                                         {SIGKILL, "SIGKILL"},
                                                         {SIGUSR1, "SIGUSR1"},
                                                         {SIGSEGV, "SIGSEGV"},
                                                         {SIGUSR2, "SIGUSR2"},
                                                         {SIGPIPE, "SIGPIPE"},
                                                         {SIGALRM, "SIGALRM"},
                                                         {SIGTERM, "SIGTERM"},
                                                         {SIGXCPU, "SIGXCPU"},
                                                         {SIGXFSZ, "SIGXFSZ"},
                                                         {SIGSYS, "SIGSYS"}});

std::string name_of_signal(int number) {
  const auto* found = std::ranges::find(kSignalNames, number, &SignalName::number);
  return found == kSignalNames.end() ? "signal " + std::to_string(number)
                                     : std::string(found->name);
}

void replace_all(std::string& text, std::string_view what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

bool is_one_of_ours(std::string_view variable, bool has_daemon) {
  const std::string_view name = variable.substr(0, variable.find('='));
  return name == "_X_AMZN_TRACE_ID" || name == "TRACEPARENT" || name == "TRACESTATE" ||
         (has_daemon && name == "AWS_XRAY_DAEMON_ADDRESS");
}

template <class Write>
void add_fact(SpanRecord& record, std::string_view key, Write write) {
  std::string json;
  JsonWriter writer(json);
  write(writer);
  record.facts.push_back({std::string(kSpace), std::string(key), std::move(json)});
}

double seconds_of(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

std::string reason_not_run(const ChildEnd& end, const std::string& program) {
  // The kernel says the same of a script whose interpreter it does not find.
  const bool is_there =
      program.find('/') != std::string::npos && access(program.c_str(), F_OK) == 0;
  if (end.kind == ExecEnd::not_found && is_there) return "its interpreter is not there";
  return system_reason(end.value);
}

std::string_view failure_type(const ChildEnd& end) {
  if (end.has_timed_out) return "timeout";
  if (end.kind == ExecEnd::exited) return "exit";
  return end.kind == ExecEnd::killed ? "signal" : "exec";
}

}  // namespace

std::string base_name(const std::string& program) {
  const auto last = program.find_last_not_of('/');
  if (last == std::string::npos) return program;
  const auto slash = program.rfind('/', last);
  const auto begin = slash == std::string::npos ? 0 : slash + 1;
  return program.substr(begin, last + 1 - begin);
}

std::vector<std::string> fill_in(std::vector<std::string> arguments, const SpanContext& context) {
  const TraceHeader header = context.header();
  const std::string xray = header.to_string();
  const std::string traceparent = header.to_traceparent();
  const std::string trace_id = context.trace_id.to_string();
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    replace_all(arguments[i], "{{xray}}", xray);
    replace_all(arguments[i], "{{traceparent}}", traceparent);
    replace_all(arguments[i], "{{trace_id}}", trace_id);
  }
  return arguments;
}

std::vector<std::string> child_environment(const std::vector<std::string>& inherited,
                                           const SpanContext& context, const std::string& daemon) {
  std::vector<std::string> variables;
  for (const std::string& variable : inherited) {
    if (!is_one_of_ours(variable, !daemon.empty())) variables.push_back(variable);
  }
  const TraceHeader header = context.header();
  const auto add = [&variables](std::string_view name, const std::string& value) {
    if (!value.empty()) variables.push_back(std::string(name) + "=" + value);
  };
  add("_X_AMZN_TRACE_ID", header.to_string());
  add("TRACEPARENT", header.to_traceparent());
  add("TRACESTATE", header.to_tracestate());
  add("AWS_XRAY_DAEMON_ADDRESS", daemon);
  return variables;
}

std::string describe_end(const ChildEnd& end, const std::string& program, Duration limit) {
  if (end.has_timed_out) return "timed out after " + format_brief(limit);
  if (end.kind == ExecEnd::exited) return "exited with " + std::to_string(end.value);
  if (end.kind == ExecEnd::killed) return "killed by " + name_of_signal(end.value);
  return "cannot run " + program + ": " + reason_not_run(end, program);
}

void record_command(SpanRecord& record, const std::vector<std::string>& arguments,
                    RecordArguments asked) {
  add_fact(record, "command",
           [&arguments](JsonWriter& writer) { writer.string(arguments.front()); });
  if (asked == RecordArguments::no) return;
  add_fact(record, "arguments", [&arguments](JsonWriter& writer) {
    writer.begin_array();
    for (std::size_t i = 1; i < arguments.size(); ++i) writer.string(arguments[i]);
    writer.end_array();
  });
}

void record_end(SpanRecord& record, const ChildEnd& end, const std::string& program,
                Duration limit) {
  if (end.was_run()) {
    add_fact(record, "pid", [&end](JsonWriter& writer) { writer.integer(end.pid); });
    add_fact(record, "user_seconds",
             [&end](JsonWriter& writer) { writer.number(seconds_of(end.user_time)); });
    add_fact(record, "system_seconds",
             [&end](JsonWriter& writer) { writer.number(seconds_of(end.system_time)); });
    add_fact(record, "max_rss_bytes",
             [&end](JsonWriter& writer) { writer.unsigned_integer(end.max_rss_bytes); });
  }
  if (end.kind == ExecEnd::exited) {
    add_fact(record, "exit_code", [&end](JsonWriter& writer) { writer.integer(end.value); });
  } else if (end.kind == ExecEnd::killed) {
    add_fact(record, "signal",
             [&end](JsonWriter& writer) { writer.string(name_of_signal(end.value)); });
  }
  if (end.has_failed()) {
    record.failure = SpanFailure{.type = std::string(failure_type(end)),
                                 .message = describe_end(end, program, limit)};
  }
}

int exit_code_of(const ChildEnd& end) {
  if (end.has_timed_out) return kTimedOut;
  switch (end.kind) {
    case ExecEnd::exited:
      return end.value;
    case ExecEnd::killed:
      return kSignalBase + end.value;
    case ExecEnd::not_found:
      return kNotFound;
    case ExecEnd::not_executable:
      return kNotExecutable;
    case ExecEnd::not_started:
      break;
  }
  return kNotStarted;
}

}  // namespace xtrace::cli
