#include "cli/child_process.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <optional>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/descriptor.h"

namespace xtrace::cli {

namespace {

using EndKind = ChildEnd::Kind;

ChildEnd not_run(EndKind kind, int reason) {
  ChildEnd end;
  end.kind = kind;
  end.value = reason;
  return end;
}

ChildEnd not_executed(int reason) {
  const bool is_absent = reason == ENOENT || reason == ENOTDIR;
  return not_run(is_absent ? EndKind::not_found : EndKind::not_executable, reason);
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  // exec takes pointers to char by tradition and writes nothing.
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

/// In the child, where only async-signal-safe functions may be called: other threads of the parent
/// may have held any lock when it forked.
[[noreturn]] void become(char* const* arguments, char** variables, const SignalHold& signals,
                         int report) noexcept {
  signals.restore_in_child();
  environ = variables;
  execvp(arguments[0], arguments);
  const int reason = errno;
  // Should even this fail, the parent reads the end of the pipe, and then this exit code.
  if (write(report, &reason, sizeof reason) < 0) _exit(127);
  _exit(reason == ENOENT ? 127 : 126);
}

/// The errno of the child's exec; 0 where it succeeded, which closes the pipe.
int read_report(int report) {
  int reason = 0;
  ssize_t got = -1;
  do {
    got = read(report, &reason, sizeof reason);
  } while (got < 0 && errno == EINTR);
  return got == static_cast<ssize_t>(sizeof reason) ? reason : 0;
}

Duration duration_of(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

bool is_in_front() {
  const Descriptor terminal{open("/dev/tty", O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)};
  return terminal.is_open() && tcgetpgrp(terminal.get()) == getpgrp();
}

/// One child from its start to its end.
class Watch {
 public:
  Watch(pid_t pid, const ChildCommand& command, const SignalHold& signals)
      : pid_(pid), signals_(signals), grace_(command.grace) {
    if (command.limit > Duration::zero()) {
      deadline_ = std::chrono::steady_clock::now() + command.limit;
    }
    end_.pid = pid;
  }

  /// From the next call on, this signal counts as one that the child has not seen.
  void forward_always(int signal) { early_.push_back(signal); }

  ChildEnd wait() {
    while (!collect()) {
      if (const auto signal = signals_.next(deadline_)) {
        act_on(*signal);
      } else if (deadline_ && std::chrono::steady_clock::now() >= *deadline_) {
        end_forcibly();
      }
    }
    return end_;
  }

 private:
  /// Takes every piece of news there is of our children; true when the child has ended.
  bool collect() {
    bool has_ended = false;
    int status = 0;
    rusage usage{};
    pid_t pid = 0;
    while ((pid = wait4(-1, &status, WNOHANG | WUNTRACED | WCONTINUED, &usage)) > 0) {
      if (pid != pid_) continue;
      if (WIFSTOPPED(status)) {
        is_stopped_ = true;
        follow_stop(WSTOPSIG(status));
      } else if (WIFCONTINUED(status)) {
        is_stopped_ = false;
      } else {
        note_end(status, usage);
        has_ended = true;
      }
    }
    return has_ended;
  }

  void note_end(int status, const rusage& usage) {
    end_.kind = WIFSIGNALED(status) ? EndKind::killed : EndKind::exited;
    end_.value = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    end_.user_time = duration_of(usage.ru_utime);
    end_.system_time = duration_of(usage.ru_stime);
    end_.max_rss_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  }

  /// The terminal's own stops are followed as they are: they do nothing where no shell could
  /// continue us. SIGSTOP is followed only in front of a terminal (`suspend` of a shell): elsewhere
  /// whoever stopped the child alone will continue it alone.
  void follow_stop(int signal) {
    const bool is_of_terminal = signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
    if (is_of_terminal || (signal == SIGSTOP && is_in_front())) signals_.let_through(signal);
  }

  void act_on(const siginfo_t& info) {
    if (info.si_signo == SIGCHLD) return;
    if (info.si_signo == SIGCONT) {
      // `fg` continues the whole group; whoever continued us alone means the child as well.
      if (!is_left_stopped()) return;
    } else if (has_reached_child(info)) {
      return;
    }
    kill(pid_, info.si_signo);
  }

  /// True where the child is still stopped although we were continued.
  bool is_left_stopped() {
    siginfo_t news{};
    const auto has_news = [this, &news] {
      news.si_pid = 0;
      const auto id = static_cast<id_t>(pid_);
      return waitid(P_PID, id, &news, WSTOPPED | WCONTINUED | WNOHANG) == 0 && news.si_pid == pid_;
    };
    while (has_news()) is_stopped_ = news.si_code == CLD_STOPPED;
    return is_stopped_;
  }

  bool has_reached_child(const siginfo_t& info) {
    if (std::erase(early_, info.si_signo) > 0) return false;
    if (info.si_code == SI_KERNEL) return getpgid(pid_) == getpgrp();
    // The child's own `kill 0`. Where the sender is in another PID namespace, si_pid is 0.
    return info.si_code == SI_USER && info.si_pid == pid_;
  }

  void end_forcibly() {
    if (end_.has_timed_out) {
      kill(pid_, SIGKILL);
      deadline_.reset();
      return;
    }
    end_.has_timed_out = true;
    deadline_ = std::chrono::steady_clock::now() + grace_;
    kill(pid_, SIGTERM);
    // A stopped child sees TERM only when it goes on.
    kill(pid_, SIGCONT);
  }

  pid_t pid_;
  const SignalHold& signals_;
  Duration grace_;
  std::optional<Tick> deadline_;
  std::vector<int> early_;
  bool is_stopped_ = false;
  ChildEnd end_;
};

}  // namespace

ChildEnd run_child(const ChildCommand& command, const SignalHold& signals) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return not_run(EndKind::not_started, errno);
  const Descriptor reader{ends[0]};
  Descriptor writer{ends[1]};
  const std::vector<char*> arguments = pointers_to(command.arguments);
  std::vector<char*> variables = pointers_to(command.environment);

  // What the terminal sent before there was a child, the child has not got.
  std::vector<int> early;
  for (const int signal : {SIGINT, SIGQUIT, SIGHUP}) {
    if (signals.is_waiting(signal)) early.push_back(signal);
  }
  const pid_t pid = fork();
  if (pid < 0) return not_run(EndKind::not_started, errno);
  if (pid == 0) become(arguments.data(), variables.data(), signals, writer.get());
  writer = Descriptor{};
  if (const int reason = read_report(reader.get()); reason != 0) {
    waitpid(pid, nullptr, 0);
    return not_executed(reason);
  }
  Watch watch(pid, command, signals);
  for (const int signal : early) watch.forward_always(signal);
  return watch.wait();
}

}  // namespace xtrace::cli
