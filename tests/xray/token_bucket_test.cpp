#include "xray/token_bucket.h"

#include <chrono>
#include <limits>

#include <doctest/doctest.h>

namespace xtrace::token_bucket_test {

namespace {

using namespace std::chrono_literals;

constexpr Tick kStart{std::chrono::hours(100)};

}  // namespace

TEST_SUITE("xray/token_bucket") {
  TEST_CASE("a new bucket is full, and an empty one says when the next token comes") {
    TokenBucket bucket(64, 20'000);
    CHECK(bucket.available(kStart) == 64);
    CHECK(bucket.until_next(kStart) == 0ns);
    bucket.take(63);
    CHECK(bucket.available(kStart) == 1);
    bucket.take(1);
    CHECK(bucket.available(kStart) == 0);
    CHECK(bucket.until_next(kStart) == 50us);
    CHECK(bucket.until_next(kStart + 20us) == 30us);
    CHECK(bucket.available(kStart + 49us) == 0);
    CHECK(bucket.available(kStart + 50us) == 1);
  }

  TEST_CASE("a bucket fills up to its burst and no further") {
    TokenBucket bucket(10, 1000);
    bucket.take(10);
    CHECK(bucket.available(kStart) == 0);
    CHECK(bucket.available(kStart + 9ms) == 9);
    CHECK(bucket.available(kStart + 10ms) == 10);
    CHECK(bucket.available(kStart + 24h) == 10);
    bucket.take(1);
    CHECK(bucket.available(kStart + 24h) == 9);
  }

  TEST_CASE("parts of a token are kept, however often one looks") {
    TokenBucket bucket(1000, 3);
    bucket.take(1000);
    Tick now = kStart;
    CHECK(bucket.available(now) == 0);
    for (int i = 0; i < 7'000; ++i) bucket.available(now += 1ms);
    CHECK(bucket.available(now) == 21);
  }

  TEST_CASE("taking more than there is takes what is there") {
    TokenBucket bucket(5, 1000);
    CHECK(bucket.available(kStart) == 5);
    bucket.take(1'000);
    CHECK(bucket.available(kStart) == 0);
    CHECK(bucket.available(kStart + 1ms) == 1);
  }

  TEST_CASE("a tick that lies behind the last one changes nothing") {
    TokenBucket bucket(5, 1000);
    CHECK(bucket.available(kStart) == 5);
    bucket.take(5);
    CHECK(bucket.available(kStart - 1s) == 0);
    CHECK(bucket.available(kStart + 1ms) == 1);
  }

  TEST_CASE("a burst or rate of zero is one") {
    TokenBucket bucket(0, 0);
    CHECK(bucket.available(kStart) == 1);
    bucket.take(1);
    CHECK(bucket.until_next(kStart) == 1s);
    CHECK(bucket.available(kStart + 1s) == 1);
  }

  TEST_CASE("the largest settings and the longest pause overflow nothing") {
    constexpr std::uint32_t kMost = std::numeric_limits<std::uint32_t>::max();
    TokenBucket bucket(kMost, kMost);
    CHECK(bucket.available(kStart) == kMost);
    bucket.take(kMost);
    CHECK(bucket.available(kStart + 500ms) == kMost / 2);
    CHECK(bucket.until_next(kStart + 500ms) == 0ns);
    CHECK(bucket.available(Tick::max()) == kMost);
  }
}

}  // namespace xtrace::token_bucket_test
