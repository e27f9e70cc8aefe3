#pragma once

/// Sampling rules as the X-Ray API hands them out, and the files that people write them in.
///
/// A file is the answer of GetSamplingRules (`{"SamplingRuleRecords":[...]}`, as `aws xray
/// get-sampling-rules` prints it), a list of such records or of rules alone, or an SDK's local
/// manifest of version 1 or 2. What a rule leaves out is `*`, or 0; what it says must make sense.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/expected.h>

namespace xtrace::collect {

struct SamplingRule {
  static constexpr std::uint64_t kLastPriority = 10000;  ///< Of the rule `Default` alone.

  std::string name{};
  std::string arn{};
  std::string resource_arn = "*";
  std::uint64_t priority = kLastPriority;  ///< Lower is asked first.
  double fixed_rate = 0;
  std::uint64_t reservoir_size = 0;  ///< A second, of all processes together.
  std::string service_name = "*";
  std::string service_type = "*";
  std::string host = "*";
  std::string http_method = "*";
  std::string url_path = "*";
  /// Of the segment; the AWS SDKs pass over a rule that has any.
  std::map<std::string, std::string, std::less<>> attributes{};
  double created = 0;  ///< Epoch seconds.
  double modified = 0;

  friend bool operator==(const SamplingRule&, const SamplingRule&) = default;
};

/// One rule, `Default`, that samples every request.
std::vector<SamplingRule> rules_for_everything();

/// In the order in which they are asked. Where the text has no rule `Default`, the service's own is
/// added: one request a second and 5 % of the others. Fails with `invalid_config`, naming the rule
/// (counted from 1), the member and the reason, or the line and the column of what is no JSON.
Expected<std::vector<SamplingRule>> parse_sampling_rules(std::string_view json);

/// The same from a file of 1 MiB at most; the error names it as well.
Expected<std::vector<SamplingRule>> read_sampling_rules(const std::string& path);

}  // namespace xtrace::collect
