#include <chrono>
#include <utility>

#include <xtrace/sampler.h>

#include "xray/chance.h"
#include "xray/reservoir.h"
#include "xray/wildcard.h"

namespace xtrace {

namespace {

bool fits(const LocalRule& rule, const SamplingRequest& request) {
  return passes_pattern(rule.host, request.host) &&
         passes_pattern(rule.http_method, request.http_method) &&
         passes_pattern(rule.url_path, request.url_path);
}

}  // namespace

struct LocalSampler::State {
  State(SamplingManifest rules, Clock time)
      : manifest(std::move(rules)), clock(std::move(time)), reservoirs(manifest.rules.size() + 1) {}

  /// 0 is the default rule, i + 1 the one at i.
  std::size_t choose(const SamplingRequest& request) const {
    for (std::size_t i = 0; i < manifest.rules.size(); ++i) {
      if (fits(manifest.rules[i], request)) return i + 1;
    }
    return 0;
  }

  /// Without a target nobody looks at the clock.
  bool take(std::size_t chosen, std::uint32_t target) {
    if (target == 0) return false;
    const Tick tick = clock ? clock().tick : std::chrono::steady_clock::now();
    return reservoirs[chosen].take(tick, target);
  }

  const SamplingManifest manifest;
  const Clock clock;
  std::vector<Reservoir> reservoirs;
};

LocalSampler::LocalSampler(SamplingManifest manifest, Clock clock)
    : state_(std::make_unique<State>(std::move(manifest), std::move(clock))) {}

LocalSampler::~LocalSampler() = default;

SamplingDecision LocalSampler::decide(const SamplingRequest& request) {
  const std::size_t chosen = state_->choose(request);
  const LocalRule& rule =
      chosen == 0 ? state_->manifest.default_rule : state_->manifest.rules[chosen - 1];
  SamplingDecision decision{
      .source = SamplingDecision::Source::local, .local_rule = chosen, .rate = rule.rate};
  if (state_->take(chosen, rule.fixed_target)) {
    decision.is_sampled = true;
    decision.reason = SamplingReason::reservoir;
  } else {
    decision.is_sampled = by_chance(rule.rate);
  }
  return decision;
}

const SamplingManifest& LocalSampler::manifest() const {
  return state_->manifest;
}

}  // namespace xtrace
