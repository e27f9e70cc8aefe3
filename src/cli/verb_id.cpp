#include "cli/verb_id.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <string>

#include <unistd.h>

#include <xtrace/clock.h>

#include "base/system_reason.h"
#include "cli/choice.h"
#include "cli/exit_code.h"
#include "cli/id_forms.h"
#include "cli/notes.h"

namespace xtrace::cli {

namespace {

constexpr std::string_view kFormGroup = "Form";

constexpr auto kIdFlags = std::to_array<FlagRow>(
    {{.name = "xray",
      .group = kFormGroup,
      .help = "a trace id as X-Ray writes it (what is made where nothing is given)",
      .files = FileUse::never},
     {.name = "w3c",
      .letter = 'w',
      .group = kFormGroup,
      .in_short_help = true,
      .help = "a trace id as W3C writes it: 32 hex digits",
      .files = FileUse::never},
     {.name = "segment",
      .group = kFormGroup,
      .in_short_help = true,
      .help = "the id of a segment: 16 hex digits",
      .files = FileUse::never},
     {.name = "header",
      .letter = 'H',
      .group = kFormGroup,
      .in_short_help = true,
      .help = "the value of X-Amzn-Trace-Id: Root=...;Parent=...;Sampled=1",
      .files = FileUse::never},
     {.name = "traceparent",
      .letter = 'p',
      .group = kFormGroup,
      .in_short_help = true,
      .help = "the value of W3C's traceparent: 00-...-...-01",
      .files = FileUse::never},
     {.name = "time",
      .group = kFormGroup,
      .help = "when the trace began, in UTC",
      .files = FileUse::never},
     {.name = "json",
      .group = kFormGroup,
      .help = "all of these as one line of JSON",
      .files = FileUse::never},
     {.name = "count",
      .letter = 'n',
      .argument = "N",
      .group = "Making",
      .in_short_help = true,
      .help = "make N of them, a line each",
      .files = FileUse::never},
     {.name = "sampled",
      .argument = "0|1|?",
      .group = "Making",
      .help = "what a header says of recording; default: as in the one given, or 1",
      .files = FileUse::never}});

struct Form {
  std::string_view flag;
  IdForm form;
};
constexpr auto kForms = std::to_array<Form>({{"xray", IdForm::xray},
                                             {"w3c", IdForm::w3c},
                                             {"segment", IdForm::segment},
                                             {"header", IdForm::header},
                                             {"traceparent", IdForm::traceparent},
                                             {"time", IdForm::time},
                                             {"json", IdForm::json}});
constexpr std::array<Word<Sampled>, 3> kSampledWords = {
    {{"0", Sampled::no}, {"1", Sampled::yes}, {"?", Sampled::requested}}};
constexpr std::size_t kMostIds = 1'000'000;
// Longer than any header that is one.
constexpr std::size_t kLongestLine = 65'536;

struct IdOptions {
  std::optional<IdForm> form;
  std::optional<Sampled> sampled;
  std::size_t count = 1;
};

Expected<std::size_t> read_count(const ParsedFlags& flags) {
  const std::string text = flags.value("count").value_or("1");
  std::size_t count = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
  const bool is_whole = problem == std::errc() && end == text.data() + text.size();
  if (!is_whole || count == 0 || count > kMostIds) {
    return flags.refuse("count", "it is not a number from 1 to " + std::to_string(kMostIds));
  }
  if (flags.has("count") && !flags.positionals().empty()) {
    return flags.refuse("makes new ids (-n) or converts those given, not both");
  }
  return count;
}

Expected<IdOptions> read_id_options(const ParsedFlags& flags) {
  IdOptions options;
  for (const Form& row : kForms) {
    if (!flags.has(row.flag)) continue;
    if (options.form) return flags.refuse("writes one form at a time");
    options.form = row.form;
  }
  if (const auto text = flags.value("sampled")) {
    auto sampled = choose(kSampledWords, *text);
    if (const auto* error = sampled.if_error()) return flags.refuse("sampled", error->message);
    options.sampled = *sampled;
  }
  auto count = read_count(flags);
  if (const auto* error = count.if_error()) return *error;
  options.count = *count;
  return options;
}

Expected<std::string> write(NamedTrace trace, IdForm form, const IdOptions& options) {
  complete(trace, form, now().wall);
  if (options.sampled) trace.header.sampled = *options.sampled;
  return write_id(trace.header, form);
}

/// Writes lines as they are made, and remembers what went wrong.
class IdPrinter {
 public:
  IdPrinter(const IdOptions& options, const Process& process)
      : options_(options), process_(process) {}

  int code() const { return to_int(code_); }
  bool goes_on() const { return goes_on_; }

  void make() {
    if (options_.form == IdForm::segment) return print(SegmentId::generate().to_string());
    const auto line = write({}, options_.form.value_or(IdForm::xray), options_);
    // What is made new has every form.
    if (line) print(*line);
  }

  void convert(std::string_view text, const std::string& place) {
    auto trace = read_id(text);
    if (const auto* error = trace.if_error()) return refuse(place, *error);
    const IdForm form = options_.form.value_or(counterpart(trace->given));
    const auto line = write(std::move(trace).value(), form, options_);
    if (const auto* error = line.if_error()) return refuse(place, *error);
    print(*line);
  }

  /// Every line of stdin that is not blank, as it comes.
  void convert_input() {
    std::string pending;
    std::array<char, 4096> buffer{};
    std::size_t number = 0;
    while (goes_on_) {
      const ssize_t got = ::read(process_.in, buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail("cannot read stdin: " + system_reason(errno));
      pending.append(buffer.data(), static_cast<std::size_t>(got));
      if (got == 0 && !pending.empty()) pending += '\n';
      convert_lines(pending, number);
      flush();
      if (got == 0) return;
      if (pending.size() > kLongestLine) {
        return fail("line " + std::to_string(number + 1) + " of stdin is too long for an id");
      }
    }
  }

  void flush() {
    const WriteResult result = write_all(process_.out, lines_);
    lines_.clear();
    if (result == WriteResult::written) return;
    goes_on_ = false;
    if (result == WriteResult::closed) return;
    code_ = ExitCode::not_written;
    say(process_, "cannot write the ids: " + system_reason(errno));
  }

 private:
  void convert_lines(std::string& pending, std::size_t& number) {
    std::size_t begin = 0;
    for (auto end = pending.find('\n'); end != std::string::npos; end = pending.find('\n', begin)) {
      std::string_view line(pending.data() + begin, end - begin);
      begin = end + 1;
      ++number;
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
      convert(line, "line " + std::to_string(number) + " of stdin");
    }
    pending.erase(0, begin);
  }

  void print(const std::string& line) {
    lines_ += line;
    lines_ += '\n';
    if (lines_.size() > kLongestLine) flush();
  }

  void refuse(const std::string& place, const Error& error) {
    code_ = ExitCode::usage;
    say(process_, place + ": " + error.message);
  }

  void fail(const std::string& sentence) {
    goes_on_ = false;
    code_ = ExitCode::usage;
    say(process_, sentence);
  }

  const IdOptions& options_;
  const Process& process_;
  std::string lines_;
  ExitCode code_ = ExitCode::done;
  bool goes_on_ = true;
};

}  // namespace

constinit const VerbSyntax kIdSyntax{
    .name = "id",
    .operands = "[ID...]",
    .summary = "make an id; convert X-Ray id <-> W3C id",
    .flags = kIdFlags,
    .examples =
        "  xtrace id                     1-6b010e88-70ba8fa3b4f40fb339c24e95\n"
        "  xtrace id --segment           53995c3f42cd8ad8\n"
        "  xtrace id 1-6b010e88-70ba8fa3b4f40fb339c24e95\n"
        "                                6b010e8870ba8fa3b4f40fb339c24e95\n"
        "  curl -H \"traceparent: $(xtrace id -p)\" https://example.com\n"
        "  xtrace id \"$_X_AMZN_TRACE_ID\" its traceparent, and the other way round\n"
        "  cut -f3 access.log | xtrace id --time -\n",
    .notes =
        "An ID is a trace id in either form, a header's value, or - for the lines of\n"
        "stdin. Without a form flag X-Ray's becomes W3C's and the other way round. What\n"
        "a form needs and the ID does not say is made new: a segment id, Sampled=1.\n"
        "W3C knows no undecided trace: Sampled=? becomes not sampled in a traceparent.\n"
        "Exit code 2: an ID is none; the others are converted all the same.\n",
};

int run_id(const ParsedFlags& flags, Process& process) {
  const auto options = read_id_options(flags);
  if (const auto* error = options.if_error()) return refuse_usage(process, *error);
  IdPrinter printer(*options, process);
  const auto& words = flags.positionals();
  if (words.empty()) {
    for (std::size_t i = 0; i < options->count && printer.goes_on(); ++i) printer.make();
  }
  for (std::size_t i = 0; i < words.size() && printer.goes_on(); ++i) {
    if (words[i] == "-") {
      printer.convert_input();
    } else {
      printer.convert(words[i], words.size() == 1 ? "id" : "id " + std::to_string(i + 1));
    }
  }
  printer.flush();
  return printer.code();
}

}  // namespace xtrace::cli
