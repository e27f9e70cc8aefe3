#include "cli/document_file.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/system_reason.h"

namespace xtrace::cli {

namespace {

Error unreadable_file(int reason) {
  return {Error::Code::invalid_config, Phase::none, system_reason(reason)};
}

class BlockingSource final : public ByteSource {
 public:
  explicit BlockingSource(int descriptor) : descriptor_(descriptor) {}

  Expected<std::size_t> read(std::span<char> room) override {
    while (true) {
      const ssize_t got = ::read(descriptor_, room.data(), room.size());
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) return unreadable_file(errno);
    }
  }
  bool is_ready() override { return true; }

 private:
  int descriptor_;
};

}  // namespace

Expected<std::unique_ptr<DocumentFile>> DocumentFile::open(const std::string& path,
                                                           const Process& process) {
  if (path == "-") {
    return std::unique_ptr<DocumentFile>(new DocumentFile("stdin", process.in, false));
  }
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return unreadable_file(errno).with_prefix("cannot read " + path);
  return std::unique_ptr<DocumentFile>(new DocumentFile(path, descriptor, true));
}

DocumentFile::DocumentFile(std::string name, int descriptor, bool owns)
    : name_(std::move(name)),
      descriptor_(descriptor),
      owns_(owns),
      source_(std::make_unique<BlockingSource>(descriptor)) {
  // With what could be mended passed as valid, only what is hopeless is refused.
  const CheckOptions lenient = {.sites = &sites_, .mends = true};
  reader_ = std::make_unique<DocumentReader>(*source_, lenient);
}

DocumentFile::~DocumentFile() {
  if (owns_) close(descriptor_);
}

}  // namespace xtrace::cli
