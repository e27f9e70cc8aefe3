#include "net/tls_sessions.h"

#include <atomic>
#include <thread>

#include <doctest/doctest.h>

namespace xtrace::testing::tls_sessions_test {

using namespace std::chrono_literals;

namespace {

constexpr Tick kNow = Tick(100h);

std::shared_ptr<tls::KeptSession> some_session() {
  const auto session = std::make_shared<tls::KeptSession>();
  session->made = kNow;
  return session;
}

}  // namespace

TEST_SUITE("net/tls_sessions") {
  TEST_CASE("a session is found for its peer alone, and until it ends") {
    tls::SessionCache cache;
    const auto session = some_session();
    cache.keep("a", session, kNow + 10s);
    CHECK(cache.find("a", kNow) == session);
    CHECK(cache.find("a", kNow + 10s - 1ns) == session);
    CHECK(cache.find("b", kNow) == nullptr);
    CHECK(cache.find("a", kNow + 10s) == nullptr);
    CHECK(cache.size() == 0);
  }

  TEST_CASE("a newer session of a peer replaces the older") {
    tls::SessionCache cache;
    const auto older = some_session();
    const auto newer = some_session();
    cache.keep("a", older, kNow + 10s);
    cache.keep("a", newer, kNow + 20s);
    CHECK(cache.size() == 1);
    CHECK(cache.find("a", kNow + 15s) == newer);
  }

  TEST_CASE("dropping an older session leaves the newer one") {
    tls::SessionCache cache;
    const auto older = some_session();
    const auto newer = some_session();
    cache.keep("a", older, kNow + 10s);
    cache.keep("a", newer, kNow + 10s);
    cache.drop("a", older);
    CHECK(cache.find("a", kNow) == newer);
    cache.drop("a", newer);
    CHECK(cache.find("a", kNow) == nullptr);
    cache.drop("a", newer);
  }

  TEST_CASE("the session kept longest ago makes room for one too many") {
    tls::SessionCache cache;
    for (std::size_t i = 0; i < tls::SessionCache::kMostSessions; ++i) {
      cache.keep(std::to_string(i), some_session(), kNow + 10s);
    }
    cache.keep("0", some_session(), kNow + 10s);  // now the newest
    cache.keep("one more", some_session(), kNow + 10s);
    CHECK(cache.size() == tls::SessionCache::kMostSessions);
    CHECK(cache.find("0", kNow) != nullptr);
    CHECK(cache.find("1", kNow) == nullptr);
    CHECK(cache.find("2", kNow) != nullptr);
    CHECK(cache.find("one more", kNow) != nullptr);
  }

  TEST_CASE("a session ends with its ticket, its day or its peer's certificate") {
    const TimePoint now{.wall = WallTime(24h * 365 * 50), .tick = kNow};
    const auto session = some_session();
    session->peer.peer_not_after = now.wall + 30min;
    CHECK(tls::end_of(*session, std::nullopt, now) == kNow + 24h);
    CHECK(tls::end_of(*session, 5min, now) == kNow + 5min);
    CHECK(tls::end_of(*session, std::chrono::seconds(std::uint32_t(-1)), now) == kNow + 24h);

    session->peer.verified = true;
    CHECK(tls::end_of(*session, std::nullopt, now) == kNow + 30min);
    CHECK(tls::end_of(*session, 5min, now) == kNow + 5min);
    session->peer.peer_not_after = WallTime::max();
    CHECK(tls::end_of(*session, std::nullopt, now) == kNow + 24h);
    session->peer.peer_not_after = WallTime::min();
    CHECK(tls::end_of(*session, std::nullopt, now) == kNow);
  }

  TEST_CASE("a ticket that is renewed again and again does not outlive the day") {
    const TimePoint now{.wall = WallTime(24h * 365 * 50), .tick = kNow};
    const auto session = some_session();
    session->made = kNow - 23h;
    CHECK(tls::end_of(*session, 2h, now) == kNow + 1h);
  }

  TEST_CASE("threads share a cache") {
    tls::SessionCache cache;
    std::atomic<int> found{0};
    const auto work = [&cache, &found] {
      for (int i = 0; i < 2000; ++i) {
        const std::string peer = std::to_string(i % 7);
        if (const auto session = cache.find(peer, kNow)) {
          if (session->made == kNow) ++found;
          if (i % 3 == 0) cache.drop(peer, session);
        }
        cache.keep(peer, some_session(), kNow + 10s);
      }
    };
    std::thread other(work);
    work();
    other.join();
    CHECK(found > 0);
    CHECK(cache.size() == 7);
  }
}

}  // namespace xtrace::testing::tls_sessions_test
