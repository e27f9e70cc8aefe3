#include "cli/child_process.h"

#include <cerrno>
#include <chrono>
#include <initializer_list>
#include <string>

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/scratch.h"

namespace child_process_test {

using namespace xtrace;
using namespace xtrace::cli;
using namespace xtrace::testing;
using namespace std::chrono_literals;
using Kind = ChildEnd::Kind;

namespace {

/// Runs a command in an environment of PATH alone, under a hold of its own.
ChildEnd run(ChildCommand command, PipeSignal pipe_signal = PipeSignal::acts) {
  if (command.environment.empty()) command.environment = {"PATH=/usr/bin:/bin"};
  const SignalHold signals(pipe_signal);
  return run_child(command, signals);
}

ChildCommand shell(const std::string& script) {
  return {.arguments = {"sh", "-c", script}};
}

/// Gives a signal another disposition until the test ends.
class Disposition {
 public:
  Disposition(int signal, sighandler_t handler) : signal_(signal) {
    struct sigaction changed {};
    changed.sa_handler = handler;
    sigaction(signal, &changed, &before_);
  }
  Disposition(const Disposition&) = delete;
  Disposition& operator=(const Disposition&) = delete;
  ~Disposition() { sigaction(signal_, &before_, nullptr); }

 private:
  int signal_;
  struct sigaction before_ {};
};

/// What /proc says of the signals of a child: a line of its status.
std::string status_line(const std::string& name, PipeSignal pipe_signal = PipeSignal::acts) {
  const Scratch scratch;
  // No shell between: it would set signals of its own.
  run({.arguments = {"cp", "/proc/self/status", scratch.path("status")}}, pipe_signal);
  const std::string status = scratch.read("status");
  const auto at = status.find("\n" + name + ":");
  REQUIRE(at != std::string::npos);
  return status.substr(at + 1, status.find('\n', at + 1) - at - 1);
}

bool has_bit(const std::string& line, int signal) {
  const auto tab = line.find('\t');
  REQUIRE(tab != std::string::npos);
  const unsigned long long bits = std::stoull(line.substr(tab + 1), nullptr, 16);
  return (bits >> (signal - 1) & 1U) != 0;
}

}  // namespace

TEST_SUITE("cli/child_process") {
  TEST_CASE("a child's exit code and the signal that killed it are told apart") {
    const ChildEnd exited = run(shell("exit 3"));
    CHECK(exited.kind == Kind::exited);
    CHECK(exited.value == 3);
    CHECK(exited.has_failed());
    CHECK(exited.pid > 0);
    const ChildEnd killed = run(shell("kill -KILL $$"));
    CHECK(killed.kind == Kind::killed);
    CHECK(killed.value == SIGKILL);
    CHECK_FALSE(run(shell("exit 0")).has_failed());
  }

  TEST_CASE("what cannot be run is told by its reason") {
    const Scratch scratch;
    CHECK(run({.arguments = {"xtrace-no-such-program"}}).kind == Kind::not_found);
    CHECK(run({.arguments = {scratch.path("absent")}}).kind == Kind::not_found);
    const std::string plain = scratch.write("plain", "echo\n");
    const ChildEnd refused = run({.arguments = {plain}});
    CHECK(refused.kind == Kind::not_executable);
    CHECK(refused.value == EACCES);
    CHECK(run({.arguments = {plain + "/below"}}).kind == Kind::not_found);
    const std::string orphan = scratch.write("orphan", "#!/no/such/interpreter\n");
    REQUIRE(chmod(orphan.c_str(), 0700) == 0);
    CHECK(run({.arguments = {orphan}}).kind == Kind::not_found);
    CHECK_FALSE(refused.was_run());
    CHECK(waitpid(-1, nullptr, WNOHANG) == -1);
    CHECK(errno == ECHILD);
  }

  TEST_CASE("a script without an interpreter line runs as in a shell") {
    const Scratch scratch;
    const std::string script = scratch.write("script", "exit 5\n");
    REQUIRE(chmod(script.c_str(), 0700) == 0);
    CHECK(run({.arguments = {script}}).value == 5);
  }

  TEST_CASE("the child has the environment it was given, and its PATH finds the program") {
    const Scratch scratch;
    const std::string out = scratch.path("out");
    const std::string program = scratch.write("found", "#!/bin/sh\n/usr/bin/env >" + out + "\n");
    REQUIRE(chmod(program.c_str(), 0700) == 0);
    const std::string folder = program.substr(0, program.rfind('/'));
    const ChildEnd end = run({.arguments = {"found"}, .environment = {"PATH=" + folder, "A=b c"}});
    CHECK(end.value == 0);
    const std::string seen = scratch.read("out");
    CHECK(seen.find("A=b c\n") != std::string::npos);
    CHECK(seen.find("HOME=") == std::string::npos);
  }

  TEST_CASE("a child that outlives its limit gets TERM, and KILL when that does not help") {
    ChildCommand sleeper{.arguments = {"sleep", "60"}, .limit = 20ms};
    const ChildEnd gentle = run(sleeper);
    CHECK(gentle.has_timed_out);
    CHECK(gentle.kind == Kind::killed);
    CHECK(gentle.value == SIGTERM);

    const Disposition deaf(SIGTERM, SIG_IGN);
    sleeper.grace = 20ms;
    const ChildEnd stubborn = run(sleeper);
    CHECK(stubborn.has_timed_out);
    CHECK(stubborn.value == SIGKILL);
  }

  TEST_CASE("a child that ends in time has not timed out") {
    ChildCommand command = shell("exit 0");
    command.limit = 30s;
    CHECK_FALSE(run(command).has_timed_out);
  }

  TEST_CASE("a stopped child ends at its limit all the same") {
    // The signal comes from its own process, so nothing passes it on.
    ChildCommand command = shell("kill -STOP $$; sleep 60");
    command.limit = 50ms;
    const ChildEnd end = run(command);
    CHECK(end.has_timed_out);
    CHECK(end.value == SIGTERM);
  }

  TEST_CASE("what is sent to us by kill reaches the child") {
    // A grandchild sends it, once.
    for (const std::string name : {"INT", "TERM", "HUP", "QUIT", "USR1", "USR2", "WINCH", "TSTP"}) {
      CAPTURE(name);
      const std::string trap = "trap 'exit 7' " + name + "; ";
      const std::string send = "(kill -" + name + " $PPID) & ";
      CHECK(run(shell(trap + send + "while :; do :; done")).value == 7);
    }
  }

  TEST_CASE("whoever continues us continues a child that was stopped alone") {
    const ChildEnd end =
        run(shell("(until grep -q '^State:.T' /proc/$$/status; do :; done; "
                  "kill -CONT $PPID) & kill -STOP $$; exit 6"));
    CHECK(end.kind == Kind::exited);
    CHECK(end.value == 6);
  }

  TEST_CASE("what the child sent to its whole group does not come back to it") {
    // USR1 is taken before USR2, so by the time of the second the first would have come back.
    const ChildEnd end =
        run(shell("n=0; trap 'n=$((n+1))' USR1; trap 'exit $n' USR2; "
                  "kill -USR1 $PPID; (kill -USR2 $PPID) & "
                  "while :; do wait; done"));
    CHECK(end.kind == Kind::exited);
    CHECK(end.value == 0);
  }

  TEST_CASE("a signal that waits at the start reaches the child") {
    const SignalHold signals(PipeSignal::acts);
    kill(getpid(), SIGTERM);
    const ChildEnd end =
        run_child({.arguments = {"sleep", "60"}, .environment = {"PATH=/usr/bin:/bin"}}, signals);
    CHECK(end.kind == Kind::killed);
    CHECK(end.value == SIGTERM);
  }

  TEST_CASE("the child has the signal mask that we were started with") {
    sigset_t blocked{};
    sigset_t before{};
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR2);
    REQUIRE(pthread_sigmask(SIG_BLOCK, &blocked, &before) == 0);
    const std::string line = status_line("SigBlk");
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    CHECK(has_bit(line, SIGUSR2));
    CHECK_FALSE(has_bit(line, SIGINT));
    CHECK_FALSE(has_bit(line, SIGCHLD));
  }

  TEST_CASE("the child ignores what we were started to ignore, and nothing else") {
    const Disposition hang_up(SIGHUP, SIG_IGN);
    const Disposition child(SIGCHLD, SIG_IGN);
    const Disposition pipe(SIGPIPE, SIG_IGN);
    const std::string line = status_line("SigIgn");
    CHECK(has_bit(line, SIGHUP));
    CHECK(has_bit(line, SIGCHLD));
    CHECK_FALSE(has_bit(line, SIGPIPE));
    CHECK_FALSE(has_bit(line, SIGINT));
    CHECK(has_bit(status_line("SigIgn", PipeSignal::ignored), SIGPIPE));
    // Where SIGCHLD is ignored the exit code is there nevertheless.
    CHECK(run(shell("exit 4")).value == 4);
  }

  TEST_CASE("after the hold nothing is blocked, and what came meanwhile is gone") {
    sigset_t before{};
    pthread_sigmask(SIG_SETMASK, nullptr, &before);
    {
      const SignalHold signals(PipeSignal::acts);
      kill(getpid(), SIGTERM);
      CHECK(signals.is_waiting(SIGTERM));
    }
    sigset_t after{};
    pthread_sigmask(SIG_SETMASK, nullptr, &after);
    for (const int signal : {SIGINT, SIGTERM, SIGCHLD, SIGTSTP}) {
      CHECK(sigismember(&after, signal) == sigismember(&before, signal));
    }
  }

  TEST_CASE("what the child used is known, and no zombie is left") {
    const ChildEnd end = run(shell("i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done"));
    CHECK(end.user_time + end.system_time > 1ms);
    CHECK(end.max_rss_bytes > 100'000);
    CHECK(waitpid(-1, nullptr, WNOHANG) == -1);
    CHECK(errno == ECHILD);
  }

  TEST_CASE("what the child leaves behind is not waited for") {
    const Scratch scratch;
    const auto begin = std::chrono::steady_clock::now();
    const ChildEnd end = run(shell("sleep 60 >/dev/null 2>&1 & echo $! >" + scratch.path("pid")));
    CHECK(end.value == 0);
    CHECK(std::chrono::steady_clock::now() - begin < 30s);
    kill(std::stoi(scratch.read("pid")), SIGKILL);
  }
}

}  // namespace child_process_test
