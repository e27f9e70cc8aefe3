#include "instrument/detect_file.h"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/system_reason.h"
#include "net/descriptor.h"

namespace xtrace {

namespace {

constexpr std::size_t kMostFileBytes = 64U * 1024U;

Error failure(const std::string& path, std::string_view reason) {
  std::string message = "read ";
  message += path;
  message += ": ";
  message += reason;
  return {Error::Code::invalid_config, Phase::none, std::move(message)};
}

}  // namespace

Expected<std::string> read_small_file(const std::string& path) {
  // Not to wait for the other end of a named pipe.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.get() < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::string{};
    return failure(path, system_reason(errno));
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return failure(path, system_reason(errno));
  if (!S_ISREG(status.st_mode)) return failure(path, "it is no regular file");
  std::string content;
  std::array<char, 4096> piece{};
  while (content.size() <= kMostFileBytes) {
    const ssize_t count = ::read(file.get(), piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure(path, system_reason(errno));
    if (count == 0) return content;
    content.append(piece.data(), static_cast<std::size_t>(count));
  }
  return failure(path, "it is larger than 64 KiB");
}

}  // namespace xtrace
