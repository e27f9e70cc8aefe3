#include <random>

#include <doctest/doctest.h>

#include <xtrace/timeline.h>

namespace xtrace::timeline_test {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

Dial dial(Duration begin, Duration end, Outcome outcome) {
  return {.address = Address::from_ipv4({127, 0, 0, 1}, 80),
          .span = {begin, end, outcome},
          .error = std::nullopt};
}

}  // namespace

TEST_SUITE("client/timeline") {
  TEST_CASE("a phase that did not happen has no span") {
    Timeline timeline;
    CHECK(timeline.find(Phase::tls) == nullptr);
    timeline.set(Phase::tls, {milliseconds(1), milliseconds(3), Outcome::ok});
    REQUIRE(timeline.find(Phase::tls) != nullptr);
    CHECK(timeline.find(Phase::tls)->length() == milliseconds(2));
    CHECK(timeline.find(Phase::dns) == nullptr);
  }

  TEST_CASE("a phase ends once and keeps its first end") {
    Timeline timeline;
    timeline.begin(Phase::request, milliseconds(1));
    CHECK(timeline.is_open(Phase::request));
    timeline.end(Phase::request, milliseconds(2), Outcome::ok);
    timeline.end(Phase::request, milliseconds(9), Outcome::error);
    CHECK(*timeline.find(Phase::request) == Span{milliseconds(1), milliseconds(2), Outcome::ok});
  }

  TEST_CASE("a phase never ends before it begins") {
    Timeline timeline;
    timeline.begin(Phase::body, milliseconds(5));
    timeline.end(Phase::body, milliseconds(4), Outcome::ok);
    CHECK(timeline.find(Phase::body)->length() == Duration::zero());
  }

  TEST_CASE("ending all closes what is open and leaves what has ended") {
    Timeline timeline;
    timeline.set(Phase::dns, {Duration::zero(), milliseconds(1), Outcome::ok});
    timeline.begin(Phase::connect, Duration::zero());
    timeline.begin(Phase::tls, milliseconds(2));
    timeline.end_all(milliseconds(7), Outcome::timeout);
    CHECK(timeline.find(Phase::dns)->outcome == Outcome::ok);
    CHECK(timeline.find(Phase::connect)->outcome == Outcome::timeout);
    CHECK(timeline.find(Phase::tls)->end == milliseconds(7));
    CHECK_FALSE(timeline.is_open(Phase::tls));
  }

  TEST_CASE("other is the time that no leaf phase claims, and connect is not a leaf") {
    Timeline timeline;
    timeline.total = milliseconds(100);
    timeline.set(Phase::connect, {Duration::zero(), milliseconds(60), Outcome::ok});
    timeline.set(Phase::dns, {Duration::zero(), milliseconds(10), Outcome::ok});
    timeline.dials[0] = dial(milliseconds(12), milliseconds(30), Outcome::ok);
    timeline.dial_count = 1;
    timeline.set(Phase::tls, {milliseconds(30), milliseconds(60), Outcome::ok});
    timeline.set(Phase::body, {milliseconds(90), milliseconds(100), Outcome::ok});
    CHECK(timeline.other() == milliseconds(2 + 30));
  }

  TEST_CASE("time that two dials share counts once") {
    Timeline timeline;
    timeline.total = milliseconds(400);
    timeline.dials[0] = dial(Duration::zero(), milliseconds(400), Outcome::abandoned);
    timeline.dials[1] = dial(milliseconds(250), milliseconds(400), Outcome::ok);
    timeline.dial_count = 2;
    CHECK(timeline.other() == Duration::zero());
    CHECK(timeline.dialling()->length() == milliseconds(400));
    CHECK(timeline.dialling()->outcome == Outcome::ok);
  }

  TEST_CASE("dialling that failed lasts until the last dial ended") {
    Timeline timeline;
    CHECK_FALSE(timeline.dialling().has_value());
    timeline.dials[0] = dial(milliseconds(1), milliseconds(9), Outcome::error);
    timeline.dials[1] = dial(milliseconds(2), milliseconds(4), Outcome::error);
    timeline.dial_count = 2;
    CHECK(*timeline.dialling() == Span{milliseconds(1), milliseconds(9), Outcome::error});
  }

  TEST_CASE("phases that follow each other and other add up to the total") {
    std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same sequence every time
    std::uniform_int_distribution<int> gap(0, 5000);
    for (int round = 0; round < 200; ++round) {
      Timeline timeline;
      Duration at{};
      Duration claimed{};
      for (const Phase phase : {Phase::queue, Phase::dns_wait, Phase::dns, Phase::tls,
                                Phase::request, Phase::response, Phase::body}) {
        at += microseconds(gap(random));
        const Duration begin = at;
        at += microseconds(gap(random));
        timeline.set(phase, {begin, at, Outcome::ok});
        claimed += at - begin;
      }
      timeline.total = at + microseconds(gap(random));
      CHECK(claimed + timeline.other() == timeline.total);
    }
  }

  TEST_CASE("the first byte is where the body begins") {
    Timeline timeline;
    CHECK_FALSE(timeline.time_to_first_byte().has_value());
    timeline.begin(Phase::body, milliseconds(42));
    CHECK(timeline.time_to_first_byte() == milliseconds(42));
  }
}

}  // namespace xtrace::timeline_test
