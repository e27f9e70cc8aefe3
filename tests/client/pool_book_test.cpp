#include "client/pool_book.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace xtrace::pool_book_test {

namespace {

std::vector<std::string> listed_names() {
  std::vector<std::string> names;
  for (const PoolStats& pool : pool_registry()) names.push_back(pool.name);
  return names;
}

bool is_listed(const std::string& name) {
  return std::ranges::count(listed_names(), name) == 1;
}

bool holds_in_child(const std::function<bool()>& claim) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::alarm(5);
    ::_exit(claim() ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void count_close(AddressBook& book, CloseReason reason) {
  book.closed[static_cast<std::size_t>(reason)].add();
}

}  // namespace

TEST_SUITE("client/pool_book") {
  TEST_CASE("a book shows each address and their sum, with the limits of each and of all") {
    PoolBook book("sums", 4, 9);
    AddressBook& second = book.open_address("b:80");
    AddressBook& first = book.open_address("a:443");
    first.idle.add();
    first.opened.add();
    second.active.add();
    second.active.add();
    second.active.subtract();
    second.connecting.add();
    second.waiting.add();
    count_close(second, CloseReason::server_closed);

    const PoolStats stats = book.stats();
    CHECK(stats.name == "sums");
    REQUIRE(stats.addresses.size() == 2);
    CHECK(stats.addresses[0].address == "a:443");
    CHECK(stats.addresses[0].counts.limit == 4);
    CHECK(stats.addresses[1].counts.active == 1);
    CHECK(stats.addresses[1].counts.total() == 2);
    CHECK(stats.total.limit == 9);
    CHECK(stats.total.total() == 3);
    CHECK(stats.total.waiting == 1);
    CHECK(stats.total.opened == 1);
    CHECK(stats.total.closed_for(CloseReason::server_closed) == 1);
    CHECK(stats.total.closed_for(CloseReason::error) == 0);
  }

  TEST_CASE("what a closed address did stays in the total, the address is forgotten") {
    PoolBook book("folding", 0, 0);
    AddressBook& gone = book.open_address("gone:80");
    gone.opened.add();
    gone.reused.add();
    gone.stale_retries.add();
    gone.failed.add();
    gone.waits.add();
    gone.wait_timeouts.add();
    gone.rejected.add();
    count_close(gone, CloseReason::lifetime);
    const PoolCounts before = book.stats().total;
    book.close_address(gone);
    CHECK(book.stats().addresses.empty());
    CHECK(book.stats().total == before);
    CHECK(before.opened + before.reused + before.stale_retries + before.failed + before.waits +
              before.wait_timeouts + before.rejected + before.closed_for(CloseReason::lifetime) ==
          8);
  }

  TEST_CASE("two accounts of one address are shown as one") {
    PoolBook book("twice", 3, 0);
    AddressBook& plain = book.open_address("h:8080");
    AddressBook& tls = book.open_address("h:8080");
    plain.idle.add();
    tls.active.add();
    const PoolStats stats = book.stats();
    REQUIRE(stats.addresses.size() == 1);
    CHECK(stats.addresses[0].counts.total() == 2);
    CHECK(stats.addresses[0].counts.limit == 3);
  }

  TEST_CASE("the registry lists each book under a name of its own for as long as it lives") {
    const PoolBook first("api", 0, 0);
    CHECK(first.name() == "api");
    {
      const PoolBook second("api", 0, 0);
      const PoolBook third("api", 0, 0);
      CHECK(second.name() == "api-2");
      CHECK(third.name() == "api-3");
      const std::vector<std::string> names = listed_names();
      CHECK(std::ranges::find(names, "api") < std::ranges::find(names, "api-2"));
      CHECK(std::ranges::find(names, "api-2") < std::ranges::find(names, "api-3"));
      CHECK(is_listed("api-3"));
    }
    CHECK(is_listed("api"));
    CHECK_FALSE(is_listed("api-2"));
    const PoolBook again("api", 0, 0);
    CHECK(again.name() == "api-2");
  }

  TEST_CASE("a reader on another thread sees every count rise and never sees one torn") {
    constexpr std::uint64_t kRounds = 20'000;
    PoolBook book("read while written", 0, 0);
    AddressBook& counts = book.open_address("h:80");
    std::atomic<bool> is_over{false};
    bool has_gone_wrong = false;
    std::thread reader([&is_over, &has_gone_wrong] {
      std::uint64_t last = 0;
      while (!is_over) {
        for (const PoolStats& pool : pool_registry()) {
          if (pool.name != "read while written") continue;
          has_gone_wrong = has_gone_wrong || pool.total.reused < last || pool.total.total() > 1;
          last = pool.total.reused;
        }
      }
    });
    for (std::uint64_t round = 0; round < kRounds; ++round) {
      counts.idle.add();
      counts.idle.subtract();
      counts.reused.add();
      if (round % 100 == 0) book.close_address(book.open_address("passing:80"));
    }
    is_over = true;
    reader.join();
    CHECK_FALSE(has_gone_wrong);
    CHECK(book.stats().total.reused == kRounds);
  }

  TEST_CASE("a child begins with an empty registry and names that are free again") {
    const PoolBook book("parents", 0, 0);
    CHECK(holds_in_child([] {
      const bool was_empty = pool_registry().empty();
      const PoolBook own("parents", 0, 0);
      return was_empty && own.name() == "parents" && listed_names().size() == 1;
    }));
    CHECK(is_listed("parents"));
  }

  TEST_CASE("a child that was forked while another thread read goes on") {
    std::atomic<bool> is_over{false};
    // Without a book it allocates nothing: a sanitizer's allocator does not survive such forks.
    std::thread reader([&is_over] {
      while (!is_over) static_cast<void>(pool_registry());
    });
    int failures = 0;
    for (int i = 0; i < 20; ++i) {
      if (!holds_in_child([] { return PoolBook("own", 0, 0).name() == "own"; })) ++failures;
    }
    is_over = true;
    reader.join();
    CHECK(failures == 0);
  }
}

}  // namespace xtrace::pool_book_test
