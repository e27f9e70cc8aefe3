#include "cli/output_sink.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/system_reason.h"

namespace xtrace::cli {

namespace {

Error not_written(Phase phase, const std::string& name, int reason) {
  return {Error::Code::body_refused, phase,
          "cannot write the body to " + name + ": " + system_reason(reason)};
}

}  // namespace

Expected<OutputSink> OutputSink::open(const std::string& path, const Process& process) {
  if (path.empty()) return OutputSink({}, -1);
  if (path == "-") return OutputSink("stdout", process.out);
  constexpr int kWrite = O_WRONLY | O_CREAT | O_CLOEXEC;
  const std::string name = "\"" + path + "\"";
  int descriptor = ::open(path.c_str(), kWrite | O_EXCL, 0666);
  const bool is_new = descriptor >= 0;
  if (!is_new) descriptor = ::open(path.c_str(), kWrite, 0666);
  if (descriptor < 0) return not_written(Phase::none, name, errno);
  OutputSink sink(name, descriptor);
  sink.owns_ = true;
  if (is_new) sink.path_ = path;
  return sink;
}

OutputSink::OutputSink(std::string name, int descriptor)
    : name_(std::move(name)), descriptor_(descriptor) {}

OutputSink::OutputSink(OutputSink&& other) noexcept
    : name_(std::move(other.name_)),
      path_(std::exchange(other.path_, {})),
      descriptor_(std::exchange(other.descriptor_, -1)),
      owns_(std::exchange(other.owns_, false)),
      lost_reader_(other.lost_reader_),
      has_begun_(other.has_begun_) {}

OutputSink::~OutputSink() {
  if (owns_) close(descriptor_);
  if (!path_.empty()) unlink(path_.c_str());
}

void OutputSink::begin() {
  if (std::exchange(has_begun_, true)) return;
  path_.clear();
  // Devices and pipes cannot be truncated and need not be.
  if (owns_ && ftruncate(descriptor_, 0) != 0) errno = 0;
}

Expected<void> OutputSink::write(std::span<const std::byte> bytes) {
  if (descriptor_ < 0) return {};
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  switch (write_all(descriptor_, text)) {
    case WriteResult::written:
      return {};
    case WriteResult::closed:
      lost_reader_ = true;
      return not_written(Phase::body, name_, EPIPE);
    case WriteResult::failed:
      break;
  }
  return not_written(Phase::body, name_, errno);
}

}  // namespace xtrace::cli
