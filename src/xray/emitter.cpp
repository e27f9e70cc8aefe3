#include <cerrno>
#include <mutex>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include <xtrace/emitter.h>

#include "base/kept_errno.h"
#include "base/per_process.h"
#include "base/system_reason.h"

namespace xtrace {

namespace {

Error file_error(std::string_view path, std::string_view deed, int code) {
  std::string message{deed};
  message += ' ';
  message += path;
  message += ": ";
  message += system_reason(code);
  return {Error::Code::emit_failed, Phase::none, std::move(message)};
}

/// 0, or the `errno` of the write that failed.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace

struct FileEmitter::State {
  /// What one process has: another thread may have been writing when it was forked.
  struct Own {
    void write_line(const State& file, const std::string& document);

    std::mutex mutex{};
    std::string line{};
    EmitterStats stats{};
    std::optional<Error> last_error{};
    bool is_line_open = false;  // a write failed, perhaps halfway
  };

  State(int file, std::string_view name) : descriptor(file), path(name) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (descriptor != STDOUT_FILENO) ::close(descriptor);
  }

  const int descriptor;
  const std::string path;
  PerProcess<Own> processes{[] { return std::make_unique<Own>(); }};
};

void FileEmitter::State::Own::write_line(const State& file, const std::string& document) {
  ++stats.documents;
  line = is_line_open ? "\n" : "";
  line += document;
  // In JSON a line end can only stand between tokens, where a space means the same.
  for (char& c : std::span{line}.last(document.size())) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  line += '\n';
  if (const int code = write_all(file.descriptor, line); code != 0) {
    ++stats.dropped_error;
    last_error = file_error(file.path, "write to", code);
    is_line_open = true;
    return;
  }
  is_line_open = false;
  ++stats.sent;
  ++stats.flushes;
  stats.bytes += line.size();
}

FileEmitter::FileEmitter(std::unique_ptr<State> state) : state_(std::move(state)) {}

FileEmitter::~FileEmitter() = default;

void FileEmitter::take(std::span<const std::string> documents, const DocumentCounts& built) {
  const KeptErrno kept;
  State::Own& own = state_->processes.get();
  const std::scoped_lock lock{own.mutex};
  own.stats.built += built;
  for (const std::string& document : documents) own.write_line(*state_, document);
}

void FileEmitter::flush() {}

bool FileEmitter::drain(Duration) {
  return true;
}

EmitterStats FileEmitter::stats() const {
  State::Own& own = state_->processes.get();
  const std::scoped_lock lock{own.mutex};
  return own.stats;
}

std::optional<Error> FileEmitter::last_error() const {
  State::Own& own = state_->processes.get();
  const std::scoped_lock lock{own.mutex};
  return own.last_error;
}

Expected<std::unique_ptr<FileEmitter>> make_file_emitter(std::string_view path) {
  int descriptor = STDOUT_FILENO;
  if (path != "-") {
    constexpr mode_t kReadableByAll = 0644;
    descriptor = ::open(std::string{path}.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
                        kReadableByAll);
    if (descriptor < 0) return file_error(path, "open", errno);
  }
  const std::string_view name = path == "-" ? "the standard output" : path;
  auto state = std::make_unique<FileEmitter::State>(descriptor, name);
  return std::unique_ptr<FileEmitter>{new FileEmitter{std::move(state)}};
}

struct NullEmitter::State {
  struct Own {
    std::mutex mutex{};
    EmitterStats stats{};
  };

  PerProcess<Own> processes{[] { return std::make_unique<Own>(); }};
};

NullEmitter::NullEmitter() : state_(std::make_unique<State>()) {}

NullEmitter::~NullEmitter() = default;

void NullEmitter::take(std::span<const std::string> documents, const DocumentCounts& built) {
  State::Own& own = state_->processes.get();
  const std::scoped_lock lock{own.mutex};
  own.stats.documents += documents.size();
  own.stats.built += built;
}

void NullEmitter::flush() {}

bool NullEmitter::drain(Duration) {
  return true;
}

EmitterStats NullEmitter::stats() const {
  State::Own& own = state_->processes.get();
  const std::scoped_lock lock{own.mutex};
  return own.stats;
}

std::optional<Error> NullEmitter::last_error() const {
  return std::nullopt;
}

}  // namespace xtrace
