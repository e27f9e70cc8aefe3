#include "cli/process.h"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/system_reason.h"

namespace xtrace::cli {

namespace {

bool waits_for_room(int descriptor) {
  pollfd poll_for{.fd = descriptor, .events = POLLOUT, .revents = 0};
  return poll(&poll_for, 1, -1) >= 0 || errno == EINTR;
}

Error unreadable(std::string_view name, int reason) {
  return {Error::Code::invalid_config, Phase::none,
          "cannot read " + std::string(name) + ": " + system_reason(reason)};
}

}  // namespace

void hold_standard_streams() {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
    if (fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) continue;
    // The lowest number free is this one.
    open("/dev/null", (descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
  }
}

WriteResult write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE) {
      return WriteResult::closed;
    } else if (errno == EAGAIN) {
      if (!waits_for_room(descriptor)) return WriteResult::failed;
    } else if (errno != EINTR) {
      return WriteResult::failed;
    }
  }
  return WriteResult::written;
}

Expected<std::string> read_all(int descriptor, std::string_view name) {
  std::string text;
  std::array<char, 65536> buffer{};
  while (true) {
    const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
    if (got > 0) {
      text.append(buffer.data(), static_cast<std::size_t>(got));
    } else if (got == 0) {
      return text;
    } else if (errno != EINTR) {
      return unreadable(name, errno);
    }
  }
}

Expected<std::string> read_file(const std::string& path, const Process& process) {
  if (path == "-") return read_all(process.in, "stdin");
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return unreadable("\"" + path + "\"", errno);
  auto text = read_all(descriptor, "\"" + path + "\"");
  close(descriptor);
  return text;
}

}  // namespace xtrace::cli
