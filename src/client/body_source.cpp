#include <cerrno>
#include <functional>
#include <memory>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xtrace/body.h>

#include "net/descriptor.h"
#include "net/file_reader.h"
#include "net/pipe_reader.h"
#include "net/system_error.h"

namespace xtrace {

namespace {

using Opened = Expected<std::unique_ptr<BodySource>>;

Error source_error(std::string_view deed, const std::string& name, int error_number) {
  return {Error::Code::body_source_failed, Phase::request,
          system_message(deed, name, error_number)};
}

// What the kernel makes up while it is read, below /proc say, says that it is empty.
bool is_made_up(const Descriptor& file, const struct stat& facts, off_t begin) {
  char first = 0;
  return facts.st_size == 0 && pread(file.get(), &first, 1, begin) == 1;
}

Opened open_regular(Loop& loop, Descriptor file, const struct stat& facts, off_t begin,
                    const std::string& name) {
  FileReader::Extent extent{.begin = static_cast<std::uint64_t>(begin)};
  if (!is_made_up(file, facts, begin))
    extent.size = static_cast<std::uint64_t>(facts.st_size > begin ? facts.st_size - begin : 0);
  return Opened(std::make_unique<FileReader>(loop, std::move(file), extent, name));
}

/// `begin` counts for a regular file.
Opened open_source(Loop& loop, Descriptor file, off_t begin, const std::string& name) {
  struct stat facts {};
  if (fstat(file.get(), &facts) != 0) return source_error("read", name, errno);
  if ((fcntl(file.get(), F_GETFL) & O_ACCMODE) == O_WRONLY)
    return source_error("read", name, EBADF);
  if (S_ISDIR(facts.st_mode)) return source_error("read", name, EISDIR);
  if (S_ISREG(facts.st_mode)) return open_regular(loop, std::move(file), facts, begin, name);
  if (std::optional<Pollable> readiness = PipeReader::watch(loop, file)) {
    return Opened(std::make_unique<PipeReader>(std::move(file), std::move(*readiness), name));
  }
  return Opened(std::make_unique<FileReader>(loop, std::move(file), FileReader::Extent{}, name));
}

/// What can be read once opens once: a second attempt would send what is left of it, nothing most
/// often.
BodySupply make_supply(std::function<Opened(Loop&)> open, bool is_repeatable,
                       const std::string& name) {
  if (is_repeatable) return {.open = std::move(open), .is_repeatable = true};
  auto open_once = [open = std::move(open), name,
                    was_opened = std::make_shared<bool>(false)](Loop& loop) -> Opened {
    if (std::exchange(*was_opened, true)) {
      return Error{Error::Code::body_not_repeatable, Phase::request,
                   "read " + name + ": it was sent already, and can be read only once"};
    }
    return open(loop);
  };
  return {.open = std::move(open_once), .is_repeatable = false};
}

}  // namespace

BodySupply file_body(std::string path) {
  struct stat facts {};
  // What is not there now may be there later, and a missing file is refused by `open`.
  const bool is_repeatable = stat(path.c_str(), &facts) != 0 || S_ISREG(facts.st_mode);
  auto open_file = [path](Loop& loop) -> Opened {
    // O_NONBLOCK, for a FIFO without a writer would keep us in open(2).
    Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file.is_open()) return source_error("open", path, errno);
    return open_source(loop, std::move(file), 0, path);
  };
  return make_supply(std::move(open_file), is_repeatable, path);
}

BodySupply descriptor_body(int descriptor, std::string name) {
  struct stat facts {};
  const bool is_regular = fstat(descriptor, &facts) == 0 && S_ISREG(facts.st_mode);
  const off_t offset = is_regular ? lseek(descriptor, 0, SEEK_CUR) : 0;
  const off_t begin = offset > 0 ? offset : 0;
  auto open_descriptor = [descriptor, begin, name](Loop& loop) -> Opened {
    // A copy, so that a thread that still reads cannot meet another file under the same number.
    Descriptor file(fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
    if (!file.is_open()) return source_error("read", name, errno);
    return open_source(loop, std::move(file), begin, name);
  };
  return make_supply(std::move(open_descriptor), is_regular, name);
}

}  // namespace xtrace
