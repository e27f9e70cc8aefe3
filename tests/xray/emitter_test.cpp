#include <csignal>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <xtrace/emitter.h>

#include "support/scratch.h"

namespace xtrace::emitter_test {

namespace {

/// The file that a test's emitter writes.
struct TemporaryFile {
  testing::Scratch folder{};
  std::string path = folder.path("documents.jsonl");

  std::string text() const { return folder.read("documents.jsonl"); }
};

std::unique_ptr<FileEmitter> emitter_into(std::string_view path) {
  Expected<std::unique_ptr<FileEmitter>> made = make_file_emitter(path);
  REQUIRE(made.has_value());
  return std::move(made).value();
}

}  // namespace

TEST_SUITE("xray/emitter") {
  TEST_CASE("a document that was written in part shares its line with no other") {
    const TemporaryFile file;
    const auto emitter = emitter_into(file.path);
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit narrow{.rlim_cur = 4, .rlim_max = before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &narrow) == 0);
    emitter->emit(std::vector<std::string>{"{\"a\":1}"});
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
    std::signal(SIGXFSZ, old_handler);
    emitter->emit(std::vector<std::string>{"{\"b\":2}", "{\"c\":3}"});
    CHECK(file.text() == "{\"a\"\n{\"b\":2}\n{\"c\":3}\n");
    CHECK(emitter->stats().dropped_error == 1);
    CHECK(emitter->stats().sent == 2);
  }

  TEST_CASE("a file gets one line per document, behind what it holds") {
    const TemporaryFile file;
    emitter_into(file.path)->emit(std::vector<std::string>{"{\"a\":1}"});
    const auto emitter = emitter_into(file.path);
    emitter->emit(std::vector<std::string>{"{\"b\":\n2}", "{\"c\":3}"});
    CHECK(file.text() == "{\"a\":1}\n{\"b\": 2}\n{\"c\":3}\n");
    EmitterStats expected;
    expected.documents = 2;
    expected.sent = 2;
    expected.flushes = 2;
    expected.bytes = 17;
    CHECK(emitter->stats() == expected);
  }

  TEST_CASE("a minus is the standard output, which stays open") {
    const TemporaryFile file;
    const int saved = ::dup(STDOUT_FILENO);
    const int replaced = ::open(file.path.c_str(), O_WRONLY | O_CREAT, 0600);
    ::dup2(replaced, STDOUT_FILENO);
    emitter_into("-")->emit(std::vector<std::string>{"{}"});
    const bool is_open = ::write(STDOUT_FILENO, "x", 1) == 1;
    ::dup2(saved, STDOUT_FILENO);
    ::close(saved);
    ::close(replaced);
    CHECK(is_open);
    CHECK(file.text() == "{}\nx");
  }

  TEST_CASE("a file that cannot be opened is an error with its name") {
    const auto made = make_file_emitter("/nowhere/at/all");
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().code == Error::Code::emit_failed);
    CHECK(made.error().message == "open /nowhere/at/all: no such file or directory (ENOENT)");
  }

  TEST_CASE("a full disk is counted and told") {
    const auto emitter = emitter_into("/dev/full");
    emitter->emit(std::vector<std::string>{"{}", "{}"});
    CHECK(emitter->stats().dropped_error == 2);
    CHECK(emitter->stats().sent == 0);
    CHECK(emitter->last_error()->message == "write to /dev/full: no space left on device (ENOSPC)");
  }

  TEST_CASE("a child of a process that is writing begins anew and waits for nobody") {
    const TemporaryFile pipe;
    REQUIRE(::mkfifo(pipe.path.c_str(), 0600) == 0);
    const int reader = ::open(pipe.path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    REQUIRE(reader >= 0);
    const auto emitter = emitter_into(pipe.path);
    const std::string document(1U << 20U, 'x');  // more than a pipe holds
    std::thread writes{[&] { emitter->emit(std::vector<std::string>{document}); }};
    pollfd begun{.fd = reader, .events = POLLIN, .revents = 0};
    CHECK(::poll(&begun, 1, 5'000) == 1);
    const pid_t child = ::fork();
    if (child == 0) {
      ::alarm(10);
      ::_exit(emitter->stats() == EmitterStats{} ? 0 : 1);
    }
    int status = -1;
    CHECK(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    std::string text(1U << 16U, '\0');
    for (std::size_t got = 0; got < document.size() + 1;) {
      const ssize_t count = ::read(reader, text.data(), text.size());
      if (count > 0) got += static_cast<std::size_t>(count);
    }
    writes.join();
    ::close(reader);
    CHECK(emitter->stats().sent == 1);
  }

  TEST_CASE("the null emitter counts and keeps nothing") {
    NullEmitter emitter;
    DocumentSet set;
    set.documents = {"{}", "{}"};
    set.counts = {.split = 1, .truncated = 2, .refused = 3, .corrected = 4};
    emitter.emit(set);
    emitter.emit(set);
    emitter.flush();
    CHECK(emitter.stats().documents == 4);
    CHECK(emitter.stats().sent == 0);
    CHECK(emitter.stats().built ==
          DocumentCounts{.split = 2, .truncated = 4, .refused = 6, .corrected = 8});
    CHECK_FALSE(emitter.last_error().has_value());
  }
}

}  // namespace xtrace::emitter_test
