#include "cli/stop_signal.h"

#include <array>
#include <cerrno>
#include <ctime>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace xtrace::cli {

namespace {

volatile std::sig_atomic_t first_signal = 0;
// What a handler may do without a race against poll is write to a pipe.
std::array<int, 2> wake_pipe = {-1, -1};

extern "C" void note_signal(int signal) {
  const int saved = errno;
  if (first_signal == 0) first_signal = signal;
  const char byte = 0;
  static_cast<void>(!write(wake_pipe[1], &byte, 1));
  errno = saved;
}

void watch(int signal, struct sigaction& before) {
  sigaction(signal, nullptr, &before);
  if (before.sa_handler == SIG_IGN) return;
  struct sigaction action {};
  action.sa_handler = note_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(signal, &action, nullptr);
}

}  // namespace

StopSignal::StopSignal() {
  first_signal = 0;
  if (pipe2(wake_pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0) wake_pipe = {-1, -1};
  watch(SIGINT, interrupt_before_);
  watch(SIGTERM, terminate_before_);
}

StopSignal::~StopSignal() {
  sigaction(SIGINT, &interrupt_before_, nullptr);
  sigaction(SIGTERM, &terminate_before_, nullptr);
  for (int& end : wake_pipe) {
    if (end >= 0) close(end);
    end = -1;
  }
}

int StopSignal::signal() const {
  return first_signal;
}

bool StopSignal::wait_for(int descriptor, Duration limit) const {
  std::array<pollfd, 2> watched = {pollfd{.fd = wake_pipe[0], .events = POLLIN, .revents = 0},
                                   pollfd{.fd = descriptor, .events = POLLIN, .revents = 0}};
  constexpr std::int64_t kBillion = 1'000'000'000;
  const std::int64_t nanoseconds = std::chrono::nanoseconds(limit).count();
  const timespec time = {.tv_sec = static_cast<std::time_t>(nanoseconds / kBillion),
                         .tv_nsec = static_cast<long>(nanoseconds % kBillion)};
  ppoll(watched.data(), watched.size(), nanoseconds < 0 ? nullptr : &time, nullptr);
  return watched[1].revents != 0 && first_signal == 0;
}

}  // namespace xtrace::cli
