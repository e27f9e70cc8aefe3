#include <functional>
#include <system_error>
#include <utility>

#include <xtrace/central_sampler.h>

#include "base/per_process.h"
#include "instrument/central_poller.h"
#include "instrument/own_loop.h"

namespace xtrace {

namespace {

/// What one process has of a sampler.
struct Knowledge {
  explicit Knowledge(const CentralSamplerConfig& with)
      : config(with), rules(with.clock), fallback(with.fallback, with.clock), record(with.clock) {}

  std::unique_ptr<CentralPoller> make_poller(Loop& loop) {
    return std::make_unique<CentralPoller>(loop, config, rules, record);
  }

  const CentralSamplerConfig& config;
  CentralRules rules;
  LocalSampler fallback;
  PollRecord record;
  // At most one of them: polls on the host's loop, or on one of our own.
  std::unique_ptr<CentralPoller> poller;
  std::unique_ptr<OwnLoop<CentralPoller>> own_loop;
};

/// Where no thread can be had the fallback decides; a child asks when it decides, which never
/// fails.
std::unique_ptr<Knowledge> begin_on_own_loop(const CentralSamplerConfig& config) {
  auto knowledge = std::make_unique<Knowledge>(config);
  try {
    knowledge->own_loop = std::make_unique<OwnLoop<CentralPoller>>(
        config.daemon, [&begun = *knowledge](Loop& loop) { return begun.make_poller(loop); });
  } catch (const std::system_error& failure) {
    knowledge->record.on_failure(no_thread(config.daemon, failure));
  }
  return knowledge;
}

}  // namespace

struct CentralSampler::Impl {
  using Begin = std::unique_ptr<Knowledge> (*)(const CentralSamplerConfig&);

  Impl(CentralSamplerConfig with, Begin begin)
      : config(std::move(with)), processes([this, begin] { return begin(config); }) {}

  const CentralSamplerConfig config;
  PerProcess<Knowledge> processes;
};

CentralSampler::CentralSampler(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

CentralSampler::~CentralSampler() = default;

SamplingDecision CentralSampler::decide(const SamplingRequest& request) {
  Knowledge& own = impl_->processes.get();
  if (const std::optional<SamplingDecision> decision = own.rules.decide(request)) return *decision;
  SamplingDecision decision = own.fallback.decide(request);
  decision.source = SamplingDecision::Source::fallback;
  return decision;
}

CentralSamplerStats CentralSampler::stats() const {
  const Knowledge& own = impl_->processes.get();
  CentralSamplerStats stats = own.record.read();
  stats.is_fresh = own.rules.is_fresh();
  return stats;
}

std::unique_ptr<CentralSampler> make_central_sampler(CentralSamplerConfig config) {
  auto impl = std::make_unique<CentralSampler::Impl>(std::move(config), begin_on_own_loop);
  return std::unique_ptr<CentralSampler>{new CentralSampler{std::move(impl)}};
}

std::unique_ptr<CentralSampler> make_central_sampler(Loop& loop, CentralSamplerConfig config) {
  auto impl = std::make_unique<CentralSampler::Impl>(
      std::move(config),
      [](const CentralSamplerConfig& known) { return std::make_unique<Knowledge>(known); });
  Knowledge& own = impl->processes.get();
  own.poller = own.make_poller(loop);
  return std::unique_ptr<CentralSampler>{new CentralSampler{std::move(impl)}};
}

}  // namespace xtrace
