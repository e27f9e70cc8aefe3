#include "xray/quota.h"

#include <atomic>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

namespace xtrace::quota_test {

namespace {

using Verdict = Quota::Verdict;
constexpr std::uint32_t kNow = 1'500'000'000;

}  // namespace

TEST_SUITE("xray/quota") {
  TEST_CASE("a quota is taken up to its size within a second, and anew in the next") {
    Quota quota;
    quota.assign(9, kNow + 10);
    for (int i = 0; i < 9; ++i) CHECK(quota.take(kNow) == Verdict::within);
    CHECK(quota.take(kNow) == Verdict::exhausted);
    CHECK(quota.take(kNow + 1) == Verdict::within);
  }

  TEST_CASE("a quota below what the second used already gives nothing and counts nothing") {
    SecondCounter counter;
    for (int i = 0; i < 100; ++i) CHECK(counter.take(kNow, 100));
    CHECK_FALSE(counter.take(kNow, 9));
    CHECK(counter.used() == 100);
    CHECK(counter.take(kNow + 1, 9));
    CHECK(counter.used() == 1);
  }

  TEST_CASE("a quota is valid in its last second and not after it") {
    Quota quota;
    quota.assign(5, kNow);
    CHECK(quota.take(kNow) == Verdict::within);
    CHECK(quota.take(kNow + 1) == Verdict::invalid);
  }

  TEST_CASE("a quota of 0 is a quota, and none is none") {
    Quota quota;
    CHECK(quota.take(kNow) == Verdict::invalid);
    quota.assign(std::nullopt, kNow + 10);
    CHECK(quota.take(kNow) == Verdict::invalid);
    quota.assign(0, std::nullopt);
    CHECK(quota.take(kNow) == Verdict::exhausted);
  }

  TEST_CASE("an assignment leaves what it does not name") {
    Quota quota;
    quota.assign(1, kNow);
    quota.assign(std::nullopt, kNow + 1);
    CHECK(quota.take(kNow + 1) == Verdict::within);
    CHECK(quota.take(kNow + 1) == Verdict::exhausted);
    quota.assign(2, std::nullopt);
    CHECK(quota.take(kNow + 1) == Verdict::within);
    CHECK(quota.take(kNow + 2) == Verdict::invalid);
  }

  TEST_CASE("a quota beyond counting is as large as can be counted") {
    Quota quota;
    quota.assign(~std::uint64_t{0}, kNow);
    CHECK(quota.take(kNow) == Verdict::within);
  }

  TEST_CASE("one request a second is borrowed") {
    Quota quota;
    CHECK(quota.borrow(kNow));
    CHECK_FALSE(quota.borrow(kNow));
    CHECK(quota.borrow(kNow + 1));
    CHECK_FALSE(quota.borrow(kNow + 1));
  }

  TEST_CASE("a thread that comes late with its second does not open the next one again") {
    SecondCounter counter;
    CHECK(counter.take(kNow + 1, 1));
    CHECK_FALSE(counter.take(kNow, 1));
    CHECK_FALSE(counter.take(kNow - 1, 1));
    CHECK_FALSE(counter.take(kNow + 1, 1));
  }

  TEST_CASE("a clock that is set back begins anew") {
    SecondCounter counter;
    CHECK(counter.take(kNow, 1));
    CHECK(counter.take(kNow - 3600, 1));
    CHECK_FALSE(counter.take(kNow - 3600, 1));
    CHECK(counter.take(kNow - 3599, 1));
  }

  TEST_CASE("threads take together exactly the quota of each second") {
    Quota quota;
    quota.assign(100, kNow + 4);
    std::atomic<int> taken{0};
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&quota, &taken] {
          for (std::uint32_t second = kNow; second < kNow + 2; ++second) {
            for (int each = 0; each < 200; ++each) {
              if (quota.take(second) == Verdict::within) ++taken;
            }
          }
        });
      }
    }
    CHECK(taken == 200);
  }
}

}  // namespace xtrace::quota_test
