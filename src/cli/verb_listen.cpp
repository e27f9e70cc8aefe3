#include "cli/verb_listen.h"

#include <algorithm>
#include <csignal>
#include <unordered_set>
#include <utility>

#include "base/system_reason.h"
#include "cli/document_file.h"
#include "cli/document_taps.h"
#include "cli/exit_code.h"
#include "cli/line_outlet.h"
#include "cli/listen_refusals.h"
#include "cli/listen_words.h"
#include "cli/notes.h"
#include "cli/text.h"
#include "cli/trace_formats.h"
#include "cli/trace_lines.h"
#include "cli/trace_words.h"
#include "loop/signal_watch.h"
#include "loop/timer.h"

namespace xtrace::cli {

namespace {

using ListenFormat = ListenOptions::Format;
using collect::StoredTrace;
using collect::TraceDigest;

constexpr Duration kListenForEver = Duration::max();
constexpr Duration kListenCloseLimit = std::chrono::seconds(5);
constexpr Duration kLastLines = std::chrono::seconds(1);
constexpr Duration kRefusalLook = std::chrono::milliseconds(250);
constexpr std::uint64_t kShownUnread = 20;

/// One run of the verb.
class ListenSession {
 public:
  ListenSession(const ListenOptions& options, Process& process);
  ListenSession(const ListenSession&) = delete;
  ListenSession& operator=(const ListenSession&) = delete;
  ~ListenSession() = default;

  int run();

 private:
  std::optional<Error> start();
  void load_next();
  void load_some(DocumentFile& file);
  void finish_file();
  void look();
  void begin();
  void take(const StoredTrace& trace, const TraceDigest& digest, bool is_complete, bool is_again);
  void note_unfinished(const TraceId& id, bool is_complete);
  void count(const StoredTrace& trace, bool is_wanted, bool is_again);
  void show(const StoredTrace& trace, const TraceDigest& digest, bool is_again);
  void tell_refusal(const std::string& sentence);
  void end() { is_over_ = true; }
  void close();
  void conclude();
  int exit_code() const;
  bool is_short() const { return options_.expected && complete_.size() < *options_.expected; }
  Style style() const;
  void tell(const std::string& sentence);
  int listen();

  const ListenOptions& options_;
  Process& process_;
  Loop loop_;
  SignalWatch interrupt_;
  SignalWatch terminate_;
  SignalWatch hang_up_;
  Timer limit_;
  Timer look_;
  LineOutlet out_;
  LineOutlet err_;
  ListenRefusals refusals_;
  std::unique_ptr<collect::Collector> collector_;
  std::size_t next_file_ = 0;
  std::unique_ptr<DocumentFile> file_;
  std::uint64_t loaded_ = 0;
  std::uint64_t unread_ = 0;  // of this file: what is no JSON
  std::string rules_fault_;   // that was told
  ListenTally tally_;
  std::unordered_set<TraceId, HashTraceId>
      complete_;                // that the filter takes; where they are counted
  std::uint64_t unwanted_ = 0;  // complete as well, and the filter does not take them
  std::unordered_set<TraceId, HashTraceId> unfinished_;
  bool has_columns_ = false;
  bool has_unreadable_ = false;
  bool is_over_ = false;
};

ListenSession::ListenSession(const ListenOptions& options, Process& process)
    : options_(options),
      process_(process),
      interrupt_(loop_, SIGINT, [this] { end(); }),
      terminate_(loop_, SIGTERM, [this] { end(); }),
      hang_up_(loop_, SIGHUP, [this] { end(); }),
      limit_(loop_),
      look_(loop_),
      out_(loop_, process.out, [this] { end(); }),
      err_(loop_, process.err, nullptr),
      refusals_(system_clock(), [this](const std::string& sentence) { tell_refusal(sentence); }) {}

int ListenSession::run() {
  const int code = listen();
  err_.finish(kLastLines);
  return code;
}

int ListenSession::listen() {
  if (const auto error = start()) {
    tell(error->message);
    const bool is_busy = error->code == Error::Code::listen_failed;
    return to_int(is_busy ? ExitCode::not_emitted : ExitCode::usage);
  }
  load_next();
  loop_.run_until([this] { return is_over_; }, kListenForEver);
  close();
  conclude();
  return exit_code();
}

std::optional<Error> ListenSession::start() {
  std::vector<std::unique_ptr<collect::DocumentTap>> taps;
  for (const std::string& target : options_.forwards) {
    auto tap = make_tap(loop_, target);
    if (const Error* error = tap.if_error()) return error->with_prefix("listen --forward");
    taps.push_back(*std::move(tap));
  }
  auto collector = collect::Collector::start(loop_, options_.collector);
  if (const Error* error = collector.if_error()) return *error;
  collector_ = *std::move(collector);
  const auto udp = collector_->udp_address();
  for (auto& tap : taps) {
    if (udp && leads_back(tap->target(), *udp)) {
      return Error{Error::Code::invalid_config, Phase::none,
                   "listen --forward: " + tap->target() +
                       " is where it listens: what it forwards would come back"};
    }
    collector_->add_tap(std::move(tap));
  }
  collector_->on_finished([this](const StoredTrace& trace, const TraceDigest& digest,
                                 bool is_complete,
                                 bool is_again) { take(trace, digest, is_complete, is_again); });
  return std::nullopt;
}

/// A slice at a time: what arrives meanwhile is received.
void ListenSession::load_next() {
  if (is_over_) return;
  if (file_ == nullptr) {
    if (next_file_ == options_.loads.size()) return begin();
    auto file = DocumentFile::open(options_.loads[next_file_++], process_);
    if (const Error* error = file.if_error()) {
      tell(error->message);
      has_unreadable_ = true;
      return end();
    }
    file_ = *std::move(file);
  }
  load_some(*file_);
  loop_.post([this] { load_next(); });
}

void ListenSession::load_some(DocumentFile& file) {
  constexpr int kSlice = 200;
  using Kind = DocumentReader::Item::Kind;
  for (int i = 0; i < kSlice; ++i) {
    const DocumentReader::Item item = file.next();
    if (item.kind == Kind::end) return finish_file();
    if (item.kind == Kind::failed) {
      tell("cannot read " + file.name() + ": " + item.reason);
      has_unreadable_ = true;
      end();
      return file_.reset();
    }
    if (item.text.empty()) {
      if (++unread_ > kShownUnread) continue;
      tell(file.name() + ": line " + std::to_string(item.line) + ": " + item.reason);
      continue;
    }
    collector_->load(item.text);
    ++loaded_;
  }
}

void ListenSession::finish_file() {
  if (unread_ > kShownUnread) {
    tell(file_->name() + ": and " + std::to_string(unread_ - kShownUnread) + " more such lines");
  }
  unread_ = 0;
  file_.reset();
}

/// What is to be told without a trace's being finished.
void ListenSession::look() {
  refusals_.look(collector_->store());
  const std::string fault = collector_->stats().api.rules_fault;
  if (fault == rules_fault_) return;
  rules_fault_ = fault;
  tell(fault.empty() ? "the sampling rules can be read again"
                     : fault + "; the rules that it had stay in force");
}

/// Everything is bound and loaded.
void ListenSession::begin() {
  if (options_.limit) limit_.arm(*options_.limit, [this] { end(); });
  look_.arm_every(kRefusalLook, [this] { look(); });
  if (options_.is_silent) return;
  if (loaded_ > 0) tell("loaded " + counted(loaded_, "document"));
  const std::string warning = exposure_warning(*collector_);
  if (!warning.empty()) tell(warning);
  err_.put(ready_line(*collector_) + "\n");
}

void ListenSession::take(const StoredTrace& trace, const TraceDigest& digest, bool is_complete,
                         bool is_again) {
  // What was loaded is there to be looked at, and no news.
  const auto is_loaded = [](const collect::StoredDocument& document) {
    return document.door == collect::Door::file;
  };
  if (std::ranges::all_of(trace.documents(), is_loaded)) return;
  refusals_.take(trace);
  if (!is_again) tally_.add(digest.flags);
  note_unfinished(trace.id(), is_complete);
  const bool is_wanted = options_.filter.matches(digest);
  if (is_complete) count(trace, is_wanted, is_again);
  if (is_wanted) show(trace, digest, is_again);
}

void ListenSession::note_unfinished(const TraceId& id, bool is_complete) {
  constexpr std::size_t kMostRemembered = 100'000;
  if (is_complete) {
    unfinished_.erase(id);
  } else if (unfinished_.size() < kMostRemembered) {
    unfinished_.insert(id);
  } else {
    // Those may be complete later, and are counted all the same.
    ++tally_.unfinished;
  }
}

void ListenSession::count(const StoredTrace& trace, bool is_wanted, bool is_again) {
  if (!options_.expected) return;
  if (is_wanted) {
    complete_.insert(trace.id());
  } else if (!is_again) {
    ++unwanted_;
  }
  if (!is_short()) end();
}

void ListenSession::show(const StoredTrace& trace, const TraceDigest& digest, bool is_again) {
  const bool is_fine = digest.flags == Flags{} && digest.is_complete && digest.refused == 0;
  if (options_.tells_errors_only && is_fine) return;
  if (options_.format == ListenFormat::pretty) {
    const Style style = this->style();
    if (!std::exchange(has_columns_, true)) out_.put(draw_trace_columns(style));
    out_.put(draw_trace_row(trace, digest, is_again ? Telling::again : Telling::first, style));
  } else if (options_.format == ListenFormat::jsonl) {
    out_.put(
        harmless_lines(trace_json_line(trace, digest), inspect_terminal(process_.out), style()));
  }
}

/// In the picture of the traces it has a line of its own; otherwise it is a warning.
void ListenSession::tell_refusal(const std::string& sentence) {
  if (options_.format != ListenFormat::pretty) return tell("refused: " + sentence);
  const Style style = this->style();
  Flow flow(style, 9);
  flow.piece(clock_time(epoch_seconds(now().wall)), Role::dim);
  flow.piece("refused", Role::fault, 1);
  flow.piece(escape_for_terminal(sentence, style));
  out_.put(flow.finish());
}

void ListenSession::close() {
  limit_.disarm();
  look_.disarm();
  bool is_closed = false;
  collector_->close([&is_closed] { is_closed = true; });
  loop_.run_until([&is_closed] { return is_closed; }, kListenCloseLimit);
  refusals_.look(collector_->store());
  refusals_.finish();
  out_.finish(kLastLines);
}

void ListenSession::conclude() {
  const collect::CollectorStats stats = collector_->stats();
  tally_.unfinished += unfinished_.size();
  if (!options_.is_silent && !has_unreadable_) err_.put(summary_line(tally_, stats) + "\n");
  for (const std::string& loss : loss_lines(stats)) tell(loss);
  if (out_.lost() > 0) tell(counted(out_.lost(), "line") + " found nobody who read stdout");
  if (out_.state() == LineOutlet::State::failed) {
    tell("cannot write to stdout: " + system_reason(out_.reason()));
  }
  if (!is_short() || has_unreadable_) return;
  const Shortfall shortfall{.expected = *options_.expected,
                            .complete = complete_.size(),
                            .unwanted = unwanted_,
                            .filter = options_.filter_text};
  for (const std::string& line : shortfall_lines(shortfall, collector_->store())) tell(line);
}

int ListenSession::exit_code() const {
  if (has_unreadable_) return to_int(ExitCode::usage);
  const auto journal = collector_->stats().journal;
  const bool is_unsaved = journal && journal->lost > 0;
  if (is_unsaved || out_.state() == LineOutlet::State::failed) {
    return to_int(ExitCode::not_written);
  }
  return to_int(is_short() ? ExitCode::unmet : ExitCode::done);
}

Style ListenSession::style() const {
  // Asked each time, for windows change their size.
  return make_style(inspect_terminal(process_.out), options_.color, process_.environment);
}

/// Nothing depends on stderr being read, either: anybody who sends can make it speak.
void ListenSession::tell(const std::string& sentence) {
  const TerminalFacts facts = inspect_terminal(process_.err);
  const Style plain = make_style(facts, ColorChoice::never, process_.environment);
  err_.put("xtrace: " + escape_for_terminal(sentence, plain) + "\n");
}

}  // namespace

int run_listen(const ParsedFlags& flags, Process& process) {
  const auto options = read_listen_options(flags);
  if (const Error* error = options.if_error()) return refuse_usage(process, *error);
  return ListenSession(*options, process).run();
}

}  // namespace xtrace::cli
