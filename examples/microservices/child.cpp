#include "microservices/child.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/system_reason.h"

namespace xtrace::examples {

namespace {

struct Pipe {
  Descriptor reader;
  Descriptor writer;
};

Expected<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) == 0) return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
  return Error{Error::Code::system, Phase::none, "make a pipe: " + system_reason(errno)};
}

/// Between fork and exec: nothing but async-signal-safe functions.
[[noreturn]] void become(const char* program, char* const* words, int out, int err) noexcept {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  execv(program, words);
  _exit(127);
}

std::string_view last_line(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  return text.substr(text.rfind('\n') + 1);  // the whole where there is one line
}

}  // namespace

Expected<std::unique_ptr<Child>> Child::start(Command command) {
  auto out = make_pipe();
  if (const auto* error = out.if_error()) return *error;
  auto err = make_pipe();
  if (const auto* error = err.if_error()) return *error;
  std::unique_ptr<Child> child(new Child(std::move(command)));
  std::vector<char*> words = {child->command_.program.data()};
  for (std::string& argument : child->command_.arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  child->pid_ = fork();
  if (child->pid_ == 0) {
    become(words[0], words.data(), out->writer.get(), err->writer.get());
  }
  if (child->pid_ < 0) {
    child->pid_ = 0;
    return Error{Error::Code::system, Phase::none,
                 "start " + child->command_.program + ": " + system_reason(errno)};
  }
  child->pipes_ = {std::move(out->reader), std::move(err->reader)};
  return child;
}

Child::~Child() {
  if (pid_ == 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

Expected<std::string> Child::wait_for(std::string_view mark, Duration limit) {
  const Tick deadline = now().tick + limit;
  while (true) {
    const std::size_t at = err().find(mark);
    const std::size_t end = at == std::string::npos ? at : err().find('\n', at);
    if (end != std::string::npos) {
      const std::size_t begin = at + mark.size();
      return err().substr(begin, end - begin);
    }
    if (has_ended()) return failure(Error::Code::system, "it ended early");
    if (!read_more(deadline)) return failure(Error::Code::call_timeout, "it took too long");
  }
}

void Child::ask_to_end() {
  if (pid_ != 0) kill(pid_, SIGTERM);
}

Expected<int> Child::wait(Duration limit) {
  const Tick deadline = now().tick + limit;
  while (!has_ended()) {
    if (!read_more(deadline)) return failure(Error::Code::call_timeout, "it took too long");
  }
  int status = 0;
  waitpid(std::exchange(pid_, 0), &status, 0);
  constexpr int kSignalBase = 128;
  return WIFEXITED(status) ? WEXITSTATUS(status) : kSignalBase + WTERMSIG(status);
}

bool Child::read_more(Tick deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - now().tick).count();
  if (left <= 0) return false;
  std::array<pollfd, 2> watched{};
  for (std::size_t i = 0; i < watched.size(); ++i) {
    watched[i] = {.fd = pipes_[i].get(), .events = POLLIN, .revents = 0};  // -1 is passed over
  }
  if (poll(watched.data(), watched.size(), static_cast<int>(left)) <= 0) return errno == EINTR;
  for (std::size_t i = 0; i < watched.size(); ++i) {
    if (watched[i].revents != 0) take(i);
  }
  return true;
}

void Child::take(std::size_t stream) {
  std::array<char, 4096> buffer{};
  const ssize_t got = read(pipes_[stream].get(), buffer.data(), buffer.size());
  if (got < 0 && errno == EINTR) return;
  if (got <= 0) {
    pipes_[stream] = Descriptor();
    return;
  }
  const std::string_view text(buffer.data(), static_cast<std::size_t>(got));
  texts_[stream] += text;
  if (stream == 1 && command_.is_echoed) std::fwrite(text.data(), 1, text.size(), stderr);
}

Error Child::failure(Error::Code code, std::string_view what) const {
  std::string sentence = command_.program + ": " + std::string(what);
  const std::string_view last = last_line(err());
  if (!last.empty()) sentence.append(", and said: ").append(last);
  return {code, Phase::none, std::move(sentence)};
}

}  // namespace xtrace::examples
