#include <xtrace/sampler.h>

#include "fuzz/target.h"

/// A manifest is read or refused with a reason; what was read makes sense and decides.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xtrace;
  const std::string_view input = testing::as_text(data, size);
  const Expected<SamplingManifest> manifest = parse_sampling_manifest(input);
  if (const Error* error = manifest.if_error()) {
    testing::require(error->message.starts_with("sampling manifest: "));
    testing::require(error->message.find('\n') == std::string::npos);
    return 0;
  }
  for (const LocalRule& rule : manifest->rules) {
    testing::require(rule.rate >= 0 && rule.rate <= 1);
    testing::require(!rule.host.empty() && !rule.http_method.empty() && !rule.url_path.empty());
    matches_wildcard(rule.host, input);
    testing::require(
        matches_wildcard("*" + rule.url_path + "*", std::string{input} + rule.url_path));
  }
  LocalSampler sampler(*manifest);
  const SamplingDecision decision = sampler.decide({.host = input, .url_path = input});
  testing::require(decision.local_rule <= manifest->rules.size());
  testing::require(!decision.explain().empty());
  return 0;
}
