#include <limits>
#include <string>

#include <doctest/doctest.h>

#include <xtrace/sampler.h>

namespace xtrace::sampler_test {

namespace {

using Source = SamplingDecision::Source;

int count_sampled(double rate, int tries) {
  RateSampler sampler(rate);
  int sampled = 0;
  for (int i = 0; i < tries; ++i) sampled += sampler.decide({}).is_sampled ? 1 : 0;
  return sampled;
}

}  // namespace

TEST_SUITE("xray/sampler") {
  TEST_CASE("a rate of 1 samples everything, 0 nothing, and what is no rate nothing") {
    CHECK(count_sampled(1, 1000) == 1000);
    CHECK(count_sampled(7, 1000) == 1000);
    CHECK(count_sampled(0, 1000) == 0);
    CHECK(count_sampled(-1, 1000) == 0);
    CHECK(count_sampled(std::numeric_limits<double>::quiet_NaN(), 1000) == 0);
  }

  TEST_CASE("a rate samples its share") {
    // Ten standard deviations to either side.
    CHECK(count_sampled(0.5, 10'000) > 4'500);
    CHECK(count_sampled(0.5, 10'000) < 5'500);
    CHECK(count_sampled(0.005, 100'000) > 270);
    CHECK(count_sampled(0.005, 100'000) < 730);
  }

  TEST_CASE("a rate's decision names its reason and its rate") {
    const SamplingDecision decision = RateSampler(0.25).decide({});
    CHECK(decision.reason == SamplingReason::rate);
    CHECK(decision.source == Source::none);
    CHECK(decision.rate == 0.25);
    CHECK(decision.rule.is_empty());
  }

  TEST_CASE("a decision explains itself in one line") {
    const auto explain = [](const SamplingDecision& decision) { return decision.explain(); };
    CHECK(explain({.is_sampled = true, .reason = SamplingReason::caller}) ==
          "sampled: the caller decided");
    CHECK(explain({.reason = SamplingReason::disabled}) == "not sampled: tracing is switched off");
    CHECK(explain({.rate = 0.07}) == "not sampled: by chance, at a rate of 7 %");
    CHECK(explain({.is_sampled = true,
                   .reason = SamplingReason::reservoir,
                   .source = Source::local,
                   .local_rule = 3}) ==
          "sampled by rule 3 of the local manifest: within its requests per second");
    CHECK(explain({.source = Source::local, .rate = 0.001}) ==
          "not sampled by the default rule of the local manifest: by chance, at a rate of 0.1 %");
    CHECK(explain({.is_sampled = true,
                   .reason = SamplingReason::reservoir,
                   .source = Source::fallback}) ==
          "sampled by the default rule of the local manifest, for there is no central rule: within "
          "its requests per second");
    CHECK(explain({.is_sampled = true,
                   .reason = SamplingReason::borrowed,
                   .source = Source::central,
                   .rule = RuleName("checkout")}) ==
          "sampled by rule \"checkout\": borrowed, no valid quota");
    CHECK(explain({.is_sampled = true,
                   .reason = SamplingReason::quota,
                   .source = Source::central,
                   .rule = RuleName("a\nb\"")}) ==
          "sampled by rule \"a?b\"\": within the quota of this process");
    CHECK(explain({.source = Source::central, .rule = RuleName("x"), .rate = 1.0 / 3}) ==
          "not sampled by rule \"x\": by chance, at a rate of 33.3333 %");
  }

  TEST_CASE("a rule's name is held in place and cut at 32 bytes") {
    const std::string longest(32, 'n');
    CHECK(RuleName(longest).text() == longest);
    CHECK(RuleName(longest + "x") == RuleName(longest));
    CHECK(RuleName("a") != RuleName("ab"));
    CHECK(RuleName().is_empty());
    CHECK(RuleName("").text().empty());
  }
}

}  // namespace xtrace::sampler_test
