#include "collect/journal.h"

#include <chrono>
#include <csignal>
#include <cstdint>
#include <string>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/descriptor.h"
#include "support/scratch.h"

namespace journal_test {

using namespace xtrace;
using namespace xtrace::collect;
using xtrace::testing::Scratch;

namespace {

std::unique_ptr<Journal> open_journal(const std::string& path) {
  auto journal = Journal::open(path);
  REQUIRE_MESSAGE(journal, (journal ? "" : journal.error().message));
  return std::move(journal).value();
}

bool has_lines(const Scratch& scratch, std::size_t count) {
  const std::string text = scratch.read("journal");
  std::size_t lines = 0;
  for (const char c : text) lines += c == '\n' ? 1 : 0;
  return lines >= count;
}

}  // namespace

TEST_SUITE("collect/journal") {
  TEST_CASE("documents are appended, one a line, for their owner alone") {
    const Scratch scratch;
    const std::string path = scratch.path("journal");
    {
      const auto journal = open_journal(path);
      journal->append("{\"a\":1}");
      journal->append("{\r\n\"b\":2\n}\n");
      journal->flush();
      CHECK(scratch.read("journal") == "{\"a\":1}\n{  \"b\":2 } \n");
      CHECK(journal->stats().documents == 2);
      CHECK(journal->stats().bytes == 20);
      CHECK(journal->stats().lost == 0);
      journal->append("{\"c\":3}");
    }
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600);

    open_journal(path)->append("{\"d\":4}");
    CHECK(scratch.read("journal") == "{\"a\":1}\n{  \"b\":2 } \n{\"c\":3}\n{\"d\":4}\n");
  }

  TEST_CASE("a line that was cut is ended before the next") {
    const Scratch scratch;
    const std::string path = scratch.write("journal", "{\"a\":1}\n{\"cut\":");
    CHECK(scratch.read("journal") == "{\"a\":1}\n{\"cut\":");
    open_journal(path)->append("{\"b\":2}");
    CHECK(scratch.read("journal") == "{\"a\":1}\n{\"cut\":\n{\"b\":2}\n");
  }

  TEST_CASE("a file that cannot be opened is refused with its name and the reason") {
    const auto journal = Journal::open("/nowhere/at/all");
    REQUIRE_FALSE(journal);
    CHECK(journal.error().code == Error::Code::invalid_config);
    CHECK(journal.error().message ==
          "open the journal /nowhere/at/all: no such file or directory (ENOENT)");
  }

  TEST_CASE("what the disk does not take is counted, with the reason of the first") {
    const auto journal = open_journal("/dev/full");
    for (int i = 0; i < 3; ++i) {
      journal->append("{\"a\":1}");
      journal->flush();
    }
    CHECK(journal->stats().documents == 0);
    CHECK(journal->stats().lost == 3);
    CHECK(journal->stats().reason ==
          "write the journal /dev/full: no space left on device (ENOSPC)");
  }

  TEST_CASE("behind a disk that takes nothing memory is bounded, and what is lost is counted") {
    const Scratch scratch;
    const std::string path = scratch.path("journal");
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    const Descriptor disk(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    const auto journal = open_journal(path);
    const std::string document = "\"" + std::string(std::size_t{1} << 20U, 'x') + "\"";
    for (int i = 0; i < 40; ++i) journal->append(document);
    const std::uint64_t lost = journal->stats().lost;
    // 16 MiB wait, and as many may be under way.
    CHECK(lost >= 8);
    CHECK(lost <= 25);
    CHECK(journal->stats().reason ==
          "write the journal " + path + ": the disk is slower than documents come");

    std::string part(std::size_t{1} << 16U, '\0');
    while (journal->stats().documents + lost < 40) {
      if (::read(disk.get(), part.data(), part.size()) <= 0) ::usleep(100);
    }
    CHECK(journal->stats().lost == lost);
  }

  TEST_CASE("documents behind one that was cut by a full disk stand on lines of their own") {
    const Scratch scratch;
    const auto journal = open_journal(scratch.path("journal"));
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    rlimit limit = before;
    limit.rlim_cur = 10;
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
    journal->append("{\"a\":1}");
    journal->append("{\"b\":2}");
    journal->flush();
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
    journal->append("{\"c\":3}");
    journal->flush();

    CHECK(scratch.read("journal") == "{\"a\":1}\n{\"\n{\"c\":3}\n");
    CHECK(journal->stats().documents == 2);
    CHECK(journal->stats().lost == 1);
    CHECK(journal->stats().reason.ends_with("file too large (EFBIG)"));
  }

  TEST_CASE("a process that is killed loses the last second at most") {
    const Scratch scratch;
    const std::string path = scratch.path("journal");
    const pid_t child = ::fork();
    if (child == 0) {
      auto journal = Journal::open(path);
      for (int i = 0; i < 100 && journal; ++i) (*journal)->append("{\"a\":1}");
      while (journal) ::pause();
      ::_exit(1);
    }
    REQUIRE(child > 0);
    // Nobody flushes: a second later everything is there, on a machine that is not that busy.
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!has_lines(scratch, 100) && std::chrono::steady_clock::now() < end) ::usleep(5'000);
    REQUIRE(::kill(child, SIGKILL) == 0);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    CHECK(has_lines(scratch, 100));
    open_journal(path)->append("{\"b\":2}");
    CHECK(scratch.read("journal").ends_with("{\"a\":1}\n{\"b\":2}\n"));
  }
}

}  // namespace journal_test
