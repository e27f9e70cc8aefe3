#include "cli/verb_emit.h"

#include <cerrno>
#include <memory>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/system_reason.h"
#include "cli/document_reader.h"
#include "cli/emission.h"
#include "cli/exit_code.h"
#include "cli/notes.h"
#include "cli/terminal.h"
#include "cli/text.h"
#include "cli/verb_emit_progress.h"
#include "cli/verb_emit_sink.h"
#include "xray/json_split.h"
#include "xray/json_stamp.h"

namespace xtrace::cli {

namespace {

using EmitItem = DocumentReader::Item::Kind;

/// A descriptor that is read until its end or a signal.
class DescriptorSource final : public ByteSource {
 public:
  DescriptorSource(int descriptor, const StopSignal& stop, EmitSink& sink)
      : descriptor_(descriptor), stop_(stop), sink_(sink) {}

  Expected<std::size_t> read(std::span<char> room) override {
    if (!is_ready()) {
      // Whoever writes in bursts wants each burst to arrive.
      sink_.flush();
      if (!stop_.wait_for(descriptor_, Duration(-1))) return std::size_t{0};
    }
    while (true) {
      const ssize_t got = ::read(descriptor_, room.data(), room.size());
      if (got >= 0) return static_cast<std::size_t>(got);
      const int reason = errno;
      if (reason == EAGAIN) stop_.wait_for(descriptor_, Duration(-1));
      if (stop_.signal() != 0) return std::size_t{0};
      if (reason == EINTR || reason == EAGAIN) continue;
      return Error{Error::Code::invalid_config, Phase::none, system_reason(reason)};
    }
  }
  bool is_ready() override { return stop_.wait_for(descriptor_, Duration::zero()); }

 private:
  int descriptor_;
  const StopSignal& stop_;
  EmitSink& sink_;
};

/// One run of the verb.
class Emission {
 public:
  Emission(const EmitOptions& options, const Process& process, const StopSignal& stop,
           EmitSink& sink);

  int run();

 private:
  void take_file(const std::string& path);
  void take_input(int descriptor, const std::string& path);
  void take(const DocumentReader::Item& item);
  void pass(std::string_view document, std::uint64_t line);
  void split(std::string_view document, std::uint64_t line);
  void put(std::string_view document);
  void refuse(std::uint64_t line, std::string_view reason);
  bool is_over() const { return stop_.signal() != 0 || sink_.is_lost(); }
  void conclude(const EmitOutcome& outcome);
  std::string summary(const EmitOutcome& outcome) const;
  int exit_code(const EmitOutcome& outcome) const;
  void tell(std::string_view sentence);

  const EmitOptions& options_;
  const Process& process_;
  const StopSignal& stop_;
  EmitSink& sink_;
  Style style_;
  EmitProgress progress_;
  std::vector<DocumentSite> sites_;
  CheckOptions check_;
  DocumentStamper stamper_;
  std::string stamped_;
  std::string source_;  // for messages: `FILE: `, or nothing for stdin alone
  EmitCounts counts_;
  bool has_unreadable_ = false;
  bool is_cut_ = false;  // The sink was lost before the input ended.
  Tick begin_ = now().tick;
};

constexpr std::uint64_t kToldRefusals = 20;

Emission::Emission(const EmitOptions& options, const Process& process, const StopSignal& stop,
                   EmitSink& sink)
    : options_(options),
      process_(process),
      stop_(stop),
      sink_(sink),
      style_(make_style(inspect_terminal(process.err), ColorChoice::never, process.environment)),
      progress_(process, options.is_silent),
      stamper_({.mends = options.mends, .restamps = options.restamps, .now = now().wall}) {
  check_.rules = options.is_strict ? CheckRules::documented : CheckRules::service;
  check_.mends = options.mends;
  if (options.mends || options.restamps) check_.sites = &sites_;
}

int Emission::run() {
  for (const std::string& path : options_.files) {
    if (!is_over()) take_file(path);
  }
  const EmitOutcome outcome = sink_.finish();
  progress_.erase();
  conclude(outcome);
  return exit_code(outcome);
}

void Emission::take_file(const std::string& path) {
  const bool is_alone = options_.files.size() == 1;
  const std::string name = path == "-" ? "stdin" : path;
  source_ = is_alone && path == "-" ? "" : name + ": ";
  stamper_.begin_trace();
  if (path == "-") return take_input(process_.in, name);
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    has_unreadable_ = true;
    return tell("cannot read " + path + ": " + system_reason(errno));
  }
  take_input(descriptor, name);
  close(descriptor);
}

void Emission::take_input(int descriptor, const std::string& path) {
  DescriptorSource source(descriptor, stop_, sink_);
  const auto reader = std::make_unique<DocumentReader>(source, check_);
  const std::uint64_t before = counts_.documents + counts_.refused;
  while (!is_over()) {
    const DocumentReader::Item item = reader->next();
    // What a signal cut short is not broken.
    if (stop_.signal() != 0 && item.kind != EmitItem::document) return;
    if (item.kind == EmitItem::failed) {
      has_unreadable_ = true;
      return tell("cannot read " + path + ": " + item.reason);
    }
    if (item.kind == EmitItem::end) break;
    take(item);
    is_cut_ = sink_.is_lost();
  }
  if (counts_.documents + counts_.refused == before && !is_over() && !options_.is_silent) {
    tell(path + " holds no document");
  }
}

void Emission::take(const DocumentReader::Item& item) {
  constexpr std::uint64_t kSometimes = 256;
  if ((counts_.documents + counts_.refused) % kSometimes == 0 || options_.rate) {
    progress_.show(counts_);
  }
  if (item.kind == EmitItem::refused) return refuse(item.line, item.reason);
  if (check_.sites == nullptr) return pass(item.text, item.line);
  stamped_.clear();
  stamper_.apply(item.text, item.verdict, sites_, stamped_);
  pass(stamped_, item.line);
}

void Emission::pass(std::string_view document, std::uint64_t line) {
  if (document.size() > sink_.largest()) {
    split(document, line);
  } else {
    put(document);
  }
}

void Emission::split(std::string_view document, std::uint64_t line) {
  const DocumentSet set = split_document(document, sink_.largest());
  if (set.counts.split > 0) ++counts_.split;
  counts_.cut += set.counts.truncated;
  for (const std::string& part : set.documents) put(part);
  for (const Error& error : set.refusals) refuse(line, error.message);
}

void Emission::put(std::string_view document) {
  if (options_.rate) {
    const std::chrono::duration<double> due(static_cast<double>(counts_.documents) /
                                            *options_.rate);
    const Duration wait = std::chrono::duration_cast<Duration>(due) - (now().tick - begin_);
    if (wait > Duration::zero()) {
      sink_.flush();
      stop_.wait_for(-1, wait);
    }
  }
  sink_.put(document);
  ++counts_.documents;
}

void Emission::refuse(std::uint64_t line, std::string_view reason) {
  if (++counts_.refused > kToldRefusals) return;
  tell(source_ + "line " + std::to_string(line) + ": " + std::string(reason));
}

void Emission::conclude(const EmitOutcome& outcome) {
  if (counts_.refused > kToldRefusals) {
    tell("and " + std::to_string(counts_.refused - kToldRefusals) + " more refused");
  }
  for (const std::string& rejection : outcome.rejections) tell(rejection);
  if (outcome.lost > 0 && !outcome.reason.empty()) {
    const bool is_one = outcome.lost == 1;
    tell(outcome.reason + "; " + std::to_string(outcome.lost) +
         (is_one ? " document was" : " documents were") + " not sent" +
         (is_cut_ ? ", the rest was not read" : ""));
  }
  if (outcome.receiver_drops > 0) {
    tell("lost " + std::to_string(outcome.receiver_drops) + " in the daemon's socket buffer");
  }
  if (!options_.is_silent) {
    static_cast<void>(write_all(process_.err, summary(outcome) + "\n"));
  }
}

/// `sent 14, split 1, refused 0 -> 127.0.0.1:2000`
std::string Emission::summary(const EmitOutcome& outcome) const {
  std::string line = options_.is_dry ? "would send " : "sent ";
  line += std::to_string(outcome.sent) + ", split " + std::to_string(counts_.split);
  if (counts_.cut > 0) line += ", cut " + std::to_string(counts_.cut);
  line += ", refused " + std::to_string(counts_.refused);
  if (outcome.rejected > 0) line += ", rejected " + std::to_string(outcome.rejected);
  if (outcome.lost > 0) line += ", lost " + std::to_string(outcome.lost);
  if (options_.target.kind == EmitTarget::Kind::none) return line;
  const bool is_udp = options_.target.kind == EmitTarget::Kind::udp;
  return line + " -> " +
         (is_udp ? options_.target.endpoint.to_string() : to_string(options_.target));
}

int Emission::exit_code(const EmitOutcome& outcome) const {
  constexpr int kSignalBase = 128;
  if (stop_.signal() != 0) return kSignalBase + stop_.signal();
  if (outcome.cannot_write) return to_int(ExitCode::not_written);
  if (has_unreadable_) return to_int(ExitCode::usage);
  if (counts_.refused + outcome.rejected > 0) return to_int(ExitCode::invalid_document);
  const bool is_lost = outcome.lost + outcome.receiver_drops > 0;
  return to_int(options_.requires_emit && is_lost ? ExitCode::not_emitted : ExitCode::done);
}

void Emission::tell(std::string_view sentence) {
  progress_.erase();
  // Names and keys of documents are told, and must not steer the terminal.
  say(process_, escape_for_terminal(sentence, style_));
}

}  // namespace

int run_emit(const ParsedFlags& flags, Process& process) {
  const auto options = read_emit_options(flags, process.environment);
  if (const Error* error = options.if_error()) return refuse_usage(process, *error);
  const StopSignal stop;
  const auto sink = open_emit_sink(*options, process, stop);
  if (const Error* error = sink.if_error()) {
    say(process, error->message);
    return to_int(ExitCode::not_written);
  }
  return Emission(*options, process, stop, **sink).run();
}

}  // namespace xtrace::cli
