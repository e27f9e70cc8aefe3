/// Long random histories, held against a model that is slow and plain.

#include <random>

#include "client/breaker_fixture.h"
#include "client/breaker_model.h"

namespace breaker_chance_test {

using namespace xtrace;
using namespace xtrace::testing;

namespace {

class Chance {
 public:
  explicit Chance(unsigned seed) : numbers_(seed) {}

  unsigned below(unsigned limit) { return static_cast<unsigned>(numbers_() % limit); }
  bool once_in(unsigned times) { return below(times) == 0; }
  Duration up_to(Duration most) {
    return Duration(static_cast<Duration::rep>(below(static_cast<unsigned>(most / 1us) + 1))) *
           1000;
  }
  template <class T>
  T one_of(std::initializer_list<T> all) {
    return *(all.begin() + below(static_cast<unsigned>(all.size())));
  }

 private:
  std::mt19937 numbers_;
};

BreakerConfig some_config(Chance& chance) {
  BreakerConfig config;
  config.window = chance.one_of({BreakerConfig::Window::calls, BreakerConfig::Window::time});
  config.window_calls = 1 + chance.below(8);
  config.window_time = 50ms + chance.up_to(100ms);
  config.minimum_calls = chance.below(6);
  config.failure_rate = chance.one_of({0.0, 0.25, 0.5, 0.75, 1.0});
  config.slow_call = chance.one_of({Duration(0ms), Duration(10ms)});
  config.slow_rate = chance.one_of({0.0, 0.5, 1.0});
  config.consecutive_failures = chance.one_of({0U, 0U, 2U, 4U});
  config.failures = chance.one_of({0U, 0U, 3U});
  config.open_for = 5ms + chance.up_to(20ms);
  config.open_for_most = chance.up_to(80ms);
  config.probes = 1 + chance.below(3);
  config.probe_deadline = 10ms + chance.up_to(50ms);
  return config;
}

/// One breaker and its model, through the same history.
class History {
 public:
  explicit History(unsigned seed) : chance_(seed), config_(some_config(chance_)), on_(config_) {
    model_.move_to(on_.present);
  }

  void step() {
    pass_time();
    switch (chance_.below(10)) {
      case 0:
        if (chance_.once_in(10)) force();
        break;
      case 1:
        if (!out_.empty()) destroy();
        break;
      case 2:
      case 3:
      case 4:
      case 5:
        if (!out_.empty()) report();
        break;
      default:
        if (out_.size() < 12) allow();
    }
    check();
  }

  std::uint64_t late() { return model_.totals.late; }
  std::uint64_t opened() { return model_.totals.opened; }

 private:
  struct Out {
    BreakerPermit permit;
    std::size_t number = 0;
  };

  // Now and then long, and now and then back, as between threads.
  void pass_time() {
    const Tick before = on_.present;
    on_.present += chance_.once_in(30) ? chance_.up_to(200ms) : chance_.up_to(2ms);
    if (chance_.once_in(20)) on_.present = before - chance_.up_to(1ms);
  }

  void allow() {
    model_.move_to(on_.present);
    Expected<BreakerPermit> permit = on_.breakers.allow(on_.bucket, on_.present);
    const std::optional<std::size_t> number = model_.allow();
    REQUIRE(permit.has_value() == number.has_value());
    is_known_ = true;
    if (!number) return;
    REQUIRE(permit->is_probe() == model_.attempt(*number).is_probe);
    out_.push_back({.permit = std::move(permit).value(), .number = *number});
  }

  Out take_one() {
    std::swap(out_[chance_.below(static_cast<unsigned>(out_.size()))], out_.back());
    Out out = std::move(out_.back());
    out_.pop_back();
    return out;
  }

  void report() {
    Out out = take_one();
    const auto verdict = chance_.one_of({BreakerVerdict::success, BreakerVerdict::success,
                                         BreakerVerdict::failure, BreakerVerdict::excluded});
    const Duration took = chance_.up_to(15ms);
    model_.move_to(on_.present);
    on_.report(std::move(out.permit), verdict, took);
    model_.report(out.number, verdict, took);
    ++(verdict == BreakerVerdict::excluded ? excluded_ : reported_);
  }

  void destroy() {
    model_.destroy(take_one().number);
    ++excluded_;
  }

  void force() {
    using Forced = BreakerConfig::Forced;
    const auto forced = chance_.one_of({Forced::none, Forced::none, Forced::open, Forced::closed});
    on_.breakers.force(on_.bucket, forced);
    model_.force(forced);
    is_known_ = is_known_ || forced != Forced::none;
  }

  void check() {
    if (!is_known_) return;
    const BreakerStats is = on_.stats();
    const BreakerStats should = model_.stats(on_.present);
    REQUIRE(is.state == should.state);
    REQUIRE(is.calls == should.calls);
    REQUIRE(is.failures == should.failures);
    REQUIRE(is.slow == should.slow);
    REQUIRE(is.consecutive_failures == should.consecutive_failures);
    REQUIRE(is.allowed == should.allowed);
    REQUIRE(is.rejected == should.rejected);
    REQUIRE(is.opened == should.opened);
    REQUIRE(is.late == should.late);
    REQUIRE(is.opens_for == should.opens_for);
    REQUIRE(on_.breakers.is_closed(on_.bucket, on_.present) == model_.is_closed());
    REQUIRE(on_.told == model_.told);
    REQUIRE(is.allowed == reported_ + excluded_ + out_.size());
    REQUIRE(model_.probes_out() <= config_.probes);
    on_.told.clear();
    model_.told.clear();
  }

  Chance chance_;
  BreakerConfig config_;
  BreakerFixture on_;
  BreakerModel model_{config_};
  std::vector<Out> out_;
  bool is_known_ = false;
  std::uint64_t reported_ = 0;
  std::uint64_t excluded_ = 0;
};

}  // namespace

TEST_SUITE("client/breaker_chance") {
  TEST_CASE("whatever happens, a breaker does what the plain model does") {
    std::uint64_t late = 0;
    std::uint64_t opened = 0;
    for (unsigned seed = 1; seed <= 120; ++seed) {
      CAPTURE(seed);
      History history(seed);
      for (int i = 0; i < 500; ++i) history.step();
      late += history.late();
      opened += history.opened();
    }
    CHECK(opened > 500);
    CHECK(late > 500);
  }
}

}  // namespace breaker_chance_test
