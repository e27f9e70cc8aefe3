#include "cli/signal_hold.h"

#include <algorithm>
#include <array>
#include <chrono>

#include <unistd.h>

namespace xtrace::cli {

namespace {

constexpr auto kForwarded = std::to_array<int>(
    {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGTSTP, SIGCONT});

bool is_ignored(int signal) {
  struct sigaction current {};
  return sigaction(signal, nullptr, &current) == 0 && current.sa_handler == SIG_IGN;
}

timespec time_left(Tick deadline) {
  const Duration left =
      std::max(Duration::zero(), Duration(deadline - std::chrono::steady_clock::now()));
  const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
  return {.tv_sec = static_cast<time_t>(seconds.count()),
          .tv_nsec = static_cast<long>((left - seconds).count())};
}

}  // namespace

SignalHold::SignalHold(PipeSignal inherited_pipe_signal) : pipe_signal_(inherited_pipe_signal) {
  // Where SIGCHLD is ignored the kernel throws exit codes away.
  struct sigaction by_default {};
  by_default.sa_handler = SIG_DFL;
  sigaction(SIGCHLD, &by_default, &child_signal_before_);
  sigemptyset(&held_);
  sigaddset(&held_, SIGCHLD);
  for (const int signal : kForwarded) {
    if (!is_ignored(signal)) sigaddset(&held_, signal);
  }
  pthread_sigmask(SIG_BLOCK, &held_, &mask_before_);
}

SignalHold::~SignalHold() {
  // What came after the command's end has nobody to go to, and must not end this program with
  // another exit code than the command's.
  const timespec at_once{};
  while (sigtimedwait(&held_, nullptr, &at_once) > 0) {
  }
  sigaction(SIGCHLD, &child_signal_before_, nullptr);
  pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

std::optional<siginfo_t> SignalHold::next(std::optional<Tick> deadline) const {
  siginfo_t info{};
  int taken = 0;
  if (deadline) {
    const timespec left = time_left(*deadline);
    taken = sigtimedwait(&held_, &info, &left);
  } else {
    taken = sigwaitinfo(&held_, &info);
  }
  if (taken <= 0) return std::nullopt;
  return info;
}

bool SignalHold::is_waiting(int signal) const {
  sigset_t pending{};
  return sigpending(&pending) == 0 && sigismember(&pending, signal) == 1;
}

void SignalHold::let_through(int signal) const {
  sigset_t one{};
  sigset_t before{};
  sigemptyset(&one);
  sigaddset(&one, signal);
  raise(signal);
  pthread_sigmask(SIG_UNBLOCK, &one, &before);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void SignalHold::restore_in_child() const noexcept {
  sigaction(SIGCHLD, &child_signal_before_, nullptr);
  if (pipe_signal_ == PipeSignal::acts) signal(SIGPIPE, SIG_DFL);
  sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
}

}  // namespace xtrace::cli
