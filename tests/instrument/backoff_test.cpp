#include "instrument/backoff.h"

#include <set>

#include <doctest/doctest.h>

namespace xtrace::backoff_test {

using namespace std::chrono_literals;

TEST_SUITE_BEGIN("instrument/backoff");

TEST_CASE("a backoff doubles up to its limit and begins anew after a success") {
  Backoff backoff(100ms, 500ms);
  for (const Duration whole : {100ms, 200ms, 400ms, 500ms, 500ms}) {
    const Duration taken = backoff.take();
    CHECK(taken <= whole);
    CHECK(taken >= whole / 2);
  }
  backoff.reset();
  CHECK(backoff.take() <= 100ms);
}

TEST_CASE("a backoff differs from one time to the next") {
  std::set<Duration> taken;
  for (int i = 0; i < 20; ++i) taken.insert(Backoff(1h, 1h).take());
  CHECK(taken.size() > 15);
}

TEST_CASE("chance stays within its bounds") {
  CHECK(random_up_to(Duration::zero()) == Duration::zero());
  CHECK(random_up_to(-5ns) == Duration::zero());
  std::set<Duration> seen;
  for (int i = 0; i < 500; ++i) seen.insert(random_up_to(3ns));
  CHECK(seen == std::set<Duration>{0ns, 1ns, 2ns, 3ns});
}

TEST_SUITE_END();

}  // namespace xtrace::backoff_test
