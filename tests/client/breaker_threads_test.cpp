/// Many threads ask the same breakers.

#include <array>
#include <atomic>
#include <random>
#include <thread>

#include "client/breaker_fixture.h"

namespace breaker_threads_test {

using namespace xtrace;
using namespace xtrace::testing;

namespace {

constexpr int kThreads = 4;
constexpr int kBuckets = 3;

std::string name_of(int bucket) {
  return "https://host-" + std::to_string(bucket) + ".example.com:443";
}

/// What threads did, counted by themselves.
struct Tally {
  std::atomic<std::uint64_t> allowed{0};
  std::atomic<std::uint64_t> rejected{0};
  std::atomic<std::uint64_t> opened{0};
  std::atomic<std::uint64_t> closed{0};
  std::atomic<std::size_t> probes_out{0};
  std::atomic<std::size_t> most_probes_out{0};

  void begin_probe() {
    const std::size_t out = ++probes_out;
    std::size_t most = most_probes_out;
    while (out > most && !most_probes_out.compare_exchange_weak(most, out)) {
    }
  }
};

class Crowd {
 public:
  explicit Crowd(const BreakerConfig& config)
      : breakers_(config, [this](const BreakerChange& change) {
          Tally& tally = tallies_[static_cast<std::size_t>(change.bucket[13] - '0')];
          if (change.to == BreakerState::open) ++tally.opened;
          if (change.to == BreakerState::closed) ++tally.closed;
        }) {}

  void work(unsigned seed, int calls) {
    std::mt19937 chance(seed);
    for (int i = 0; i < calls; ++i) {
      const int bucket = static_cast<int>(chance() % kBuckets);
      call(bucket, chance);
      if (chance() % 64 == 0) static_cast<void>(breakers_.stats(present()));
      if (chance() % 16 == 0) static_cast<void>(breakers_.is_closed(name_of(bucket), present()));
    }
  }

  CircuitBreakers& breakers() { return breakers_; }
  const Tally& tally(int bucket) const { return tallies_[static_cast<std::size_t>(bucket)]; }
  Tick present() const { return Tick(Duration(clock_.load())); }

 private:
  void call(int bucket, std::mt19937& chance) {
    Tally& tally = tallies_[static_cast<std::size_t>(bucket)];
    clock_ += 100'000;
    Expected<BreakerPermit> permit = breakers_.allow(name_of(bucket), present());
    ++(permit ? tally.allowed : tally.rejected);
    if (!permit) return;
    const bool is_probe = permit->is_probe();
    if (is_probe) tally.begin_probe();
    if (chance() % 8 == 0) std::this_thread::yield();
    if (is_probe) --tally.probes_out;
    if (chance() % 10 == 0) return;
    const auto verdict = chance() % 2 == 0 ? BreakerVerdict::success : BreakerVerdict::failure;
    breakers_.report(std::move(permit).value(), verdict, 1ms, present());
  }

  std::atomic<std::int64_t> clock_{1'000'000'000};
  std::array<Tally, kBuckets> tallies_;
  CircuitBreakers breakers_;
};

void run(Crowd& crowd, int calls) {
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < kThreads; ++i)
    threads.emplace_back([&crowd, i, calls] { crowd.work(i + 1, calls); });
}

}  // namespace

TEST_SUITE("client/breaker_threads") {
  TEST_CASE("nothing is lost or counted twice, and no second probe is out, whoever asks") {
    Crowd crowd({.window_time = 3ms,
                 .minimum_calls = 3,
                 .failure_rate = 0.6,
                 .open_for = 2ms,
                 .open_for_most = 4ms,
                 .probes = 1,
                 .probe_deadline = 24h});
    run(crowd, 10'000);
    for (int bucket = 0; bucket < kBuckets; ++bucket) {
      const Tally& tally = crowd.tally(bucket);
      const auto stats = crowd.breakers().stats_of(name_of(bucket), crowd.present());
      REQUIRE(stats);
      CHECK(stats->allowed == tally.allowed);
      CHECK(stats->rejected == tally.rejected);
      CHECK(stats->opened == tally.opened);
      CHECK(stats->opened >= tally.closed);
      CHECK(tally.opened > 10);
      CHECK(tally.closed > 10);
      CHECK(tally.rejected > 10);
      CHECK(tally.most_probes_out == 1);
      CHECK(tally.probes_out == 0);
    }
  }

  TEST_CASE("buckets come and go under many hands, and permits keep theirs") {
    CircuitBreakers breakers({.consecutive_failures = 2, .most_buckets = 8});
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&breakers, thread] {
        std::vector<BreakerPermit> held(4);
        for (int i = 0; i < 5000; ++i) {
          const Tick present(1h + i * 1ms);
          auto permit = breakers.allow(name_of((i * 7 + thread) % 50), present);
          if (!permit) continue;
          std::swap(held[static_cast<std::size_t>(i % 4)], *permit);
          const auto verdict = i % 3 == 0 ? BreakerVerdict::success : BreakerVerdict::failure;
          breakers.report(std::move(permit).value(), verdict, 1ms, present);
        }
      });
    }
    threads.clear();
    static_cast<void>(breakers.allow("last", Tick(2h)));
    CHECK(breakers.stats(Tick(2h)).size() <= 8);
  }
}

}  // namespace breaker_threads_test
