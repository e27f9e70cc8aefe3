#include "collect/journal.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/system_reason.h"
#include "net/descriptor.h"
#include "xray/quiet_thread.h"

namespace xtrace::collect {

namespace {

constexpr std::chrono::milliseconds kPeriod{200};
// Sooner than the period where so much waits, so that memory is held no longer than it must be.
constexpr std::size_t kSoon = std::size_t{1} << 20U;
// Behind a disk that takes nothing.
constexpr std::size_t kMostWaiting = std::size_t{16} << 20U;
constexpr mode_t kOwnerOnly = 0600;

Error journal_error(std::string_view deed, const std::string& path, int error_number) {
  return {Error::Code::invalid_config, Phase::none,
          std::string(deed) + " " + path + ": " + system_reason(error_number)};
}

/// Whether the file's last line has no end: its writer was killed in the middle.
bool is_line_cut(int file) {
  struct stat status {};
  char last = '\n';
  return ::fstat(file, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0 &&
         ::pread(file, &last, 1, status.st_size - 1) == 1 && last != '\n';
}

void append_line(std::string& text, std::string_view document) {
  const std::size_t begin = text.size();
  text.append(document);
  // JSON has line ends between its tokens only.
  for (std::size_t at = begin; (at = text.find_first_of("\r\n", at)) != std::string::npos; ++at) {
    text[at] = ' ';
  }
  text += '\n';
}

}  // namespace

/// What waits to be written, and its thread.
struct Journal::Impl {
  Impl(Descriptor opened, std::string name, bool is_cut_line)
      : file(std::move(opened)), path(std::move(name)), is_cut(is_cut_line) {}

  static void* run(void* self);
  bool wait_for_work(std::unique_lock<std::mutex>& lock);
  void write_batch(std::string_view text, std::uint64_t count);
  std::size_t write_bytes(std::string_view text);
  void note_loss(std::uint64_t count, const std::string& reason);

  const Descriptor file;
  const std::string path;
  bool is_cut;      // the thread's: the file ends in the middle of a line
  int failure = 0;  // the thread's: the `errno` of the last write
  pthread_t thread{};

  mutable std::mutex mutex;
  std::condition_variable work_came;
  std::condition_variable is_written;
  std::string waiting;
  std::uint64_t waiting_documents = 0;
  bool is_writing = false;
  bool is_flushing = false;
  bool is_closing = false;
  JournalStats stats;
};

Expected<std::unique_ptr<Journal>> Journal::open(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, kOwnerOnly));
  if (!file.is_open()) return journal_error("open the journal", path, errno);
  const bool is_cut = is_line_cut(file.get());
  auto impl = std::make_unique<Impl>(std::move(file), path, is_cut);
  if (const int code = start_quiet_thread(impl->thread, Impl::run, impl.get()); code != 0) {
    return journal_error("start the thread that writes", path, code);
  }
  return std::unique_ptr<Journal>(new Journal(std::move(impl)));
}

Journal::Journal(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Journal::~Journal() {
  {
    const std::lock_guard<std::mutex> lock(impl_->mutex);
    impl_->is_closing = true;
  }
  impl_->work_came.notify_one();
  ::pthread_join(impl_->thread, nullptr);
}

void Journal::append(std::string_view document) {
  bool is_first = false;
  {
    const std::lock_guard<std::mutex> lock(impl_->mutex);
    if (impl_->waiting.size() + document.size() > kMostWaiting) {
      return impl_->note_loss(1, "the disk is slower than documents come");
    }
    const std::size_t before = impl_->waiting.size();
    append_line(impl_->waiting, document);
    ++impl_->waiting_documents;
    is_first = before == 0 || (before < kSoon && impl_->waiting.size() >= kSoon);
  }
  if (is_first) impl_->work_came.notify_one();
}

void Journal::flush() {
  std::unique_lock<std::mutex> lock(impl_->mutex);
  impl_->is_flushing = true;
  impl_->work_came.notify_one();
  impl_->is_written.wait(lock, [this] { return !impl_->is_writing && impl_->waiting.empty(); });
  impl_->is_flushing = false;
}

JournalStats Journal::stats() const {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  return impl_->stats;
}

void* Journal::Impl::run(void* self) {
  auto& impl = *static_cast<Impl*>(self);
  std::string batch;
  std::unique_lock<std::mutex> lock(impl.mutex);
  while (impl.wait_for_work(lock)) {
    batch.clear();
    std::swap(batch, impl.waiting);
    const std::uint64_t count = std::exchange(impl.waiting_documents, 0);
    impl.is_writing = true;
    lock.unlock();
    impl.write_batch(batch, count);
    if (batch.capacity() > 2 * kSoon) batch = {};
    lock.lock();
    impl.is_writing = false;
    impl.is_written.notify_all();
  }
  return nullptr;
}

/// Returns when something is to be written; false when there never will be.
bool Journal::Impl::wait_for_work(std::unique_lock<std::mutex>& lock) {
  work_came.wait(lock, [this] { return !waiting.empty() || is_closing; });
  work_came.wait_for(lock, kPeriod,
                     [this] { return is_closing || is_flushing || waiting.size() >= kSoon; });
  return !waiting.empty();
}

void Journal::Impl::write_batch(std::string_view text, std::uint64_t count) {
  if (is_cut && write_bytes("\n") == 1) is_cut = false;
  const std::size_t written = is_cut ? 0 : write_bytes(text);
  std::uint64_t whole = count;
  if (written < text.size()) {
    const std::string_view part = text.substr(0, written);
    whole = static_cast<std::uint64_t>(std::ranges::count(part, '\n'));
    is_cut = is_cut || (!part.empty() && part.back() != '\n');
  }
  const std::lock_guard<std::mutex> lock(mutex);
  stats.documents += whole;
  stats.bytes += written;
  if (whole < count) note_loss(count - whole, system_reason(failure));
}

/// How many of them the kernel took.
std::size_t Journal::Impl::write_bytes(std::string_view text) {
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t got = ::write(file.get(), text.data() + written, text.size() - written);
    if (got >= 0) {
      written += static_cast<std::size_t>(got);
    } else if (errno != EINTR) {
      failure = errno;
      break;
    }
  }
  return written;
}

/// Under the lock.
void Journal::Impl::note_loss(std::uint64_t count, const std::string& reason) {
  stats.lost += count;
  if (stats.reason.empty()) stats.reason = "write the journal " + path + ": " + reason;
}

}  // namespace xtrace::collect
