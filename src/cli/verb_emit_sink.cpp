#include "cli/verb_emit_sink.h"

#include <algorithm>
#include <cerrno>
#include <limits>

#include <fcntl.h>
#include <unistd.h>

#include "base/system_reason.h"

namespace xtrace::cli {

namespace {

constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();
constexpr std::size_t kDatagramLimit = 65507 - 30;

/// Counts, for `--dry-run`.
class DrySink final : public EmitSink {
 public:
  explicit DrySink(std::size_t largest) : largest_(largest) {}

  void put(std::string_view) override { ++outcome_.sent; }
  void flush() override {}
  bool is_lost() const override { return false; }
  EmitOutcome finish() override { return outcome_; }
  std::size_t largest() const override { return largest_; }

 private:
  std::size_t largest_;
  EmitOutcome outcome_;
};

/// One document a line, to a descriptor.
class LineSink final : public EmitSink {
 public:
  LineSink(int descriptor, bool is_owned, std::string name)
      : descriptor_(descriptor), is_owned_(is_owned), name_(std::move(name)) {}
  LineSink(const LineSink&) = delete;
  LineSink& operator=(const LineSink&) = delete;
  ~LineSink() override {
    if (is_owned_) close(descriptor_);
  }

  void put(std::string_view document) override;
  void flush() override;
  bool is_lost() const override { return is_closed_ || outcome_.cannot_write; }
  EmitOutcome finish() override;
  std::size_t largest() const override { return kNoLimit; }

 private:
  int descriptor_;
  bool is_owned_;
  std::string name_;
  std::string lines_;
  std::uint64_t waiting_ = 0;
  bool is_closed_ = false;
  EmitOutcome outcome_;
};

void LineSink::put(std::string_view document) {
  constexpr std::size_t kEnough = 64U << 10U;
  const std::size_t begin = lines_.size();
  lines_ += document;
  // In JSON a line end stands between tokens only, where a space means the same.
  for (const char line_end : {'\n', '\r'}) {
    for (std::size_t at = lines_.find(line_end, begin); at != std::string::npos;
         at = lines_.find(line_end, at)) {
      lines_[at] = ' ';
    }
  }
  lines_ += '\n';
  ++waiting_;
  if (lines_.size() >= kEnough) flush();
}

void LineSink::flush() {
  if (lines_.empty()) return;
  const WriteResult result = is_lost() ? WriteResult::closed : write_all(descriptor_, lines_);
  if (result == WriteResult::failed) {
    outcome_.cannot_write = true;
    outcome_.reason = "cannot write " + name_ + ": " + system_reason(errno);
  }
  is_closed_ = is_closed_ || result == WriteResult::closed;
  if (result == WriteResult::written) outcome_.sent += waiting_;
  // A reader that went away has what it wanted.
  if (result == WriteResult::failed) outcome_.lost += waiting_;
  waiting_ = 0;
  lines_.clear();
}

EmitOutcome LineSink::finish() {
  flush();
  return outcome_;
}

}  // namespace

Expected<std::unique_ptr<EmitSink>> open_emit_sink(const EmitOptions& options,
                                                   const Process& process, const StopSignal& stop) {
  const EmitTarget::Kind kind = options.target.kind;
  const bool is_daemon = kind == EmitTarget::Kind::udp || kind == EmitTarget::Kind::tcp;
  if (options.is_dry) {
    return std::unique_ptr<EmitSink>(
        std::make_unique<DrySink>(is_daemon ? kDatagramLimit : kNoLimit));
  }
  if (is_daemon) return make_daemon_sink(options, stop);
  if (kind != EmitTarget::Kind::file) {
    return std::unique_ptr<EmitSink>(std::make_unique<LineSink>(process.out, false, "stdout"));
  }
  const std::string& path = options.target.path;
  constexpr mode_t kReadableByAll = 0644;
  const int descriptor =
      open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kReadableByAll);
  if (descriptor < 0) {
    return Error{Error::Code::emit_failed, Phase::none,
                 "cannot open \"" + path + "\": " + system_reason(errno)};
  }
  return std::unique_ptr<EmitSink>(
      std::make_unique<LineSink>(descriptor, true, "\"" + path + "\""));
}

}  // namespace xtrace::cli
