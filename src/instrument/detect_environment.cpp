#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include <unistd.h>

#include <xtrace/detect_environment.h>

#include "instrument/detect_search.h"

namespace xtrace {

namespace {

constexpr std::array kMostSpecificFirst = {Detector::lambda, Detector::eks, Detector::ecs,
                                           Detector::elastic_beanstalk, Detector::ec2};

std::string read_environment(std::string_view name) {
  const char* value = std::getenv(std::string{name}.c_str());
  return value == nullptr ? std::string{} : std::string{value};
}

std::string read_host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return {};
  return name.data();
}

/// With everything that was left to the process and the machine.
DetectorOptions fill_in(DetectorOptions options) {
  if (!options.environment) options.environment = read_environment;
  if (options.host_name.empty()) options.host_name = read_host_name();
  return options;
}

std::unique_ptr<Search> start(Detector detector, Loop& loop, const DetectorOptions& options) {
  switch (detector) {
    case Detector::lambda:
      return search_lambda(options);
    case Detector::eks:
      return search_eks(loop, options);
    case Detector::ecs:
      return search_ecs(loop, options);
    case Detector::elastic_beanstalk:
      return search_beanstalk(options);
    case Detector::ec2:
      break;
  }
  return search_ec2(loop, options);
}

void add(Detection& detection, Detector detector, Finding finding) {
  if (!finding.origin.empty()) {
    detection.found.push_back(detector);
    std::string& origin = detection.environment.origin;
    if (origin.empty()) origin = std::move(finding.origin);
  }
  std::vector<AwsBlock>& blocks = detection.environment.aws;
  for (AwsBlock& block : finding.blocks) {
    const bool is_known = std::ranges::find(blocks, block.key, &AwsBlock::key) != blocks.end();
    if (!is_known) blocks.push_back(std::move(block));
  }
  for (const Error& failure : finding.failures) {
    detection.failures.push_back(
        failure.with_prefix(std::string{"detect "}.append(to_string(detector))));
  }
}

}  // namespace

std::string_view to_string(Detector detector) {
  switch (detector) {
    case Detector::lambda:
      return "lambda";
    case Detector::eks:
      return "eks";
    case Detector::ecs:
      return "ecs";
    case Detector::elastic_beanstalk:
      return "elastic_beanstalk";
    case Detector::ec2:
      break;
  }
  return "ec2";
}

Detection detect_environment(const DetectorOptions& options) {
  const DetectorOptions filled = fill_in(options);
  Loop loop;
  std::vector<std::pair<Detector, std::unique_ptr<Search>>> searches;
  for (const Detector detector : kMostSpecificFirst) {
    if (std::ranges::find(filled.detectors, detector) == filled.detectors.end()) continue;
    searches.emplace_back(detector, start(detector, loop, filled));
  }
  const auto all_done = [&searches] {
    return std::ranges::all_of(searches,
                               [](const auto& search) { return search.second->is_done(); });
  };
  loop.run_until(all_done, filled.limit);
  Detection detection;
  for (const auto& search : searches) add(detection, search.first, search.second->finish());
  return detection;
}

}  // namespace xtrace
