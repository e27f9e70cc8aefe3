/// What percentile racing does to its own percentile, over twenty thousand answers.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/race_policy.h>

#include "client/literal_execution.h"

namespace race_feedback_test {

using namespace xtrace;
using namespace xtrace::testing;

namespace {

constexpr int kRequests = 20'000;

/// The same numbers in every run.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  /// Evenly over [0, 1).
  double roll() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<double>(state_ >> 11U) / static_cast<double>(std::uint64_t{1} << 53U);
  }
  Duration between(Duration low, Duration high) {
    return low +
           Duration(static_cast<Duration::rep>(roll() * static_cast<double>((high - low).count())));
  }

 private:
  std::uint64_t state_;
};

/// How long each answer takes, in the order the requests arrive.
using Server = std::function<Duration()>;

/// One request after the other through `policy`, in virtual time.
class Simulation {
 public:
  Simulation(RacePolicy policy, Server server)
      : policy_(std::move(policy)), server_(std::move(server)) {
    execution_.target_id = "shop";
    execution_.racing = 1;
    execution_.attempt = 0;
  }

  void request() {
    const Duration first = answer();
    const std::optional<Duration> threshold = policy_.schedule(execution_);
    if (threshold) latest_ = *threshold;
    if (!threshold || first <= *threshold || !policy_.start(execution_)) {
      took.push_back(first);
      return see({.status = 200, .took = first});
    }
    ++rivals;
    const Duration second = answer();
    const bool rival_wins = *threshold + second < first;
    took.push_back(rival_wins ? *threshold + second : first);
    const Duration winner = rival_wins ? second : first;
    const Duration loser = rival_wins ? *threshold + second : first - *threshold;
    see({.status = 200, .took = winner});
    see({.error = Error::Code::redundant, .took = loser, .is_redundant = true});
  }

  Duration threshold() const { return latest_; }
  double extra() const { return static_cast<double>(rivals) / static_cast<double>(took.size()); }
  Duration quantile(double share) {
    std::sort(took.begin(), took.end());
    return took[static_cast<std::size_t>(share * static_cast<double>(took.size()))];
  }

  int rivals = 0;
  std::vector<Duration> took;

 private:
  Duration answer() { return server_(); }

  void see(const EndedAttempt& ended) {
    execution_.attempts.assign(1, make_attempt(ended));
    policy_.observe(execution_);
  }

  RacePolicy policy_;
  Server server_;
  Execution execution_;  // what the policy sees
  Duration latest_{};
};

/// Every twentieth answer, counted from `offset`, is 100 ms late.
Server every_twentieth(int offset, std::uint64_t seed = 7) {
  return [dice = Dice(seed), seen = offset]() mutable {
    const Duration usual = dice.between(200us, 1ms);
    return ++seen % 20 == 0 ? usual + 100ms : usual;
  };
}

/// Any answer is 100 ms late with this probability.
Server slow_at_random(double share, std::uint64_t seed) {
  return [dice = Dice(seed), share]() mutable {
    const Duration usual = dice.between(200us, 1ms);
    return dice.roll() < share ? usual + 100ms : usual;
  };
}

}  // namespace

TEST_SUITE("client/race_feedback") {
  TEST_CASE("with exactly 5 % slow answers the threshold does not creep and the tail is gone") {
    for (const int offset : {0, 1, 10, 18, 19}) {
      CAPTURE(offset);
      Simulation simulation(race_percentile({.floor = 0s}), every_twentieth(offset));
      Duration highest{};
      for (int i = 0; i < kRequests; ++i) {
        simulation.request();
        highest = std::max(highest, simulation.threshold());
      }
      CHECK(highest < 5ms);
      CHECK(simulation.threshold() < 2ms);
      CHECK(simulation.rivals > kRequests / 25);
      CHECK(simulation.extra() <= 0.07);
      CHECK(simulation.quantile(0.99) < 5ms);
    }
  }

  TEST_CASE("with 5 % slow answers at random the threshold settles and stays") {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      CAPTURE(seed);
      Simulation simulation(race_percentile({.floor = 0s}), slow_at_random(0.05, seed));
      for (int i = 0; i < kRequests; ++i) simulation.request();
      Simulation settled = simulation;
      settled.took.clear();
      settled.rivals = 0;
      Duration highest{};
      for (int i = 0; i < kRequests; ++i) {
        settled.request();
        highest = std::max(highest, settled.threshold());
      }
      CHECK(highest < 5ms);
      CHECK(settled.extra() <= 0.07);
      CHECK(settled.quantile(0.99) < 5ms);
    }
  }

  TEST_CASE("with no slow answers at all few requests are sent twice") {
    Simulation simulation(race_percentile({.floor = 0s}), slow_at_random(0, 3));
    for (int i = 0; i < kRequests; ++i) simulation.request();
    CHECK(simulation.extra() <= 0.07);
    CHECK(simulation.threshold() > 900us);
    CHECK(simulation.threshold() < 1100us);
  }

  TEST_CASE("a server that slows down as a whole is not asked for everything twice") {
    bool is_slow = false;
    Simulation simulation(race_percentile({}), [&is_slow, dice = Dice(5)]() mutable {
      return dice.between(200us, 1ms) * (is_slow ? 100 : 1);
    });
    for (int i = 0; i < 2000; ++i) simulation.request();
    const int before = simulation.rivals;
    is_slow = true;
    for (int i = 0; i < 2000; ++i) simulation.request();
    CHECK(simulation.rivals - before <= 10 + 2000 * 0.0625);
    CHECK(simulation.threshold() > 50ms);
    is_slow = false;
    for (int i = 0; i < 2000; ++i) simulation.request();
    CHECK(simulation.threshold() < 1100us);
  }

  TEST_CASE("however many answers are slow, rivals stay within what the percentile leaves") {
    for (const double share : {0.06, 0.08, 0.1, 0.2, 0.5, 0.9, 1.0}) {
      CAPTURE(share);
      Simulation simulation(race_percentile({}), slow_at_random(share, 11));
      for (int i = 0; i < kRequests; ++i) simulation.request();
      CHECK(simulation.extra() <= 0.07);
    }
  }
}

}  // namespace race_feedback_test
