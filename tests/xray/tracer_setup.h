#pragma once

/// A tracer that records what it sends, in an environment of its own.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <xtrace/tracer.h>

#include "xray/recording_emitter.h"

namespace xtrace::testing {

inline const std::string kRoot = "1-58ed6027-14afb2e09172c337713486c0";
inline const std::string kParent = "48af77592b6dd73f";

class CountingSampler final : public Sampler {
 public:
  explicit CountingSampler(bool answer) : answer_(answer) {}
  SamplingDecision decide(const SamplingRequest& request) override {
    ++asked;
    name = request.service_name;
    type = request.service_type;
    return {.is_sampled = answer_, .reason = SamplingReason::quota, .rule = RuleName{"checkout"}};
  }
  int asked = 0;
  std::string name;
  std::string type;

 private:
  bool answer_;
};

struct TracerSetup {
  explicit TracerSetup(TracerConfig config = {}, std::map<std::string, std::string> variables = {})
      : environment(std::move(variables)) {
    config.emitter = sent;
    if (!config.sampler) config.sampler = sampler;
    config.log = [this](std::string_view line) { log.emplace_back(line); };
    tracer.emplace(finalize_config(std::move(config), [this](const char* name) {
                     const auto found = environment.find(name);
                     return found == environment.end() ? nullptr : found->second.c_str();
                   }).value());
  }

  std::map<std::string, std::string> environment;
  std::shared_ptr<RecordingEmitter> sent = std::make_shared<RecordingEmitter>();
  std::shared_ptr<CountingSampler> sampler = std::make_shared<CountingSampler>(true);
  std::vector<std::string> log;
  std::optional<Tracer> tracer;
};

inline TraceHeader header_of(const std::string& text) {
  return parse_trace_header(text);
}

}  // namespace xtrace::testing
