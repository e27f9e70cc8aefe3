#pragma once

/// Where a service runs, as its segments tell: the origin and the blocks of `aws`.
///
/// Made by the detectors (detect_environment.h) or by hand; given to a `TracerConfig`.

#include <string>
#include <vector>

namespace xtrace {

/// One member of a segment's `aws` object: `ec2` and `{"instance_id":"i-0abc"}`.
struct AwsBlock {
  std::string key{};
  std::string json{};  ///< One valid JSON value.

  friend bool operator==(const AwsBlock&, const AwsBlock&) = default;
};

struct ServiceEnvironment {
  std::string origin{};  ///< `AWS::EC2::Instance`; empty where unknown.
  std::vector<AwsBlock> aws{};

  friend bool operator==(const ServiceEnvironment&, const ServiceEnvironment&) = default;
};

}  // namespace xtrace
