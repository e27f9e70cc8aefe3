#pragma once

/// `Surroundings` is what detectors see in a test: variables, files, and servers on the loop of the
/// test, while the detectors run on a thread of their own.

#include <map>
#include <string>
#include <thread>

#include <doctest/doctest.h>

#include <xtrace/detect_environment.h>

#include "support/scratch.h"
#include "support/test_loop.h"

namespace xtrace::testing {

class Surroundings {
 public:
  /// Nothing is there, and nobody is asked but on loopback.
  Surroundings() {
    options.limit = std::chrono::seconds(4);
    options.environment = [this](std::string_view name) {
      const auto found = variables.find(name);
      return found == variables.end() ? std::string{} : found->second;
    };
    options.ec2_url = "http://127.0.0.1:1";
    options.beanstalk_file = scratch.path("environment.conf");
    options.service_account_folder = scratch.path("");
    options.cgroup_file = scratch.path("cgroup");
    options.host_name = "ip-10-0-0-1";
  }
  Surroundings(const Surroundings&) = delete;
  Surroundings& operator=(const Surroundings&) = delete;

  Detection detect() {
    Detection detection;
    bool is_done = false;
    std::thread other([&] {
      detection = detect_environment(options);
      loop.loop().post([&is_done] { is_done = true; });
    });
    loop.run_until([&is_done] { return is_done; });
    other.join();
    return detection;
  }

  Detection detect(Detector detector) {
    options.detectors = {detector};
    return detect();
  }

  TestLoop loop;
  Scratch scratch;
  std::map<std::string, std::string, std::less<>> variables;
  DetectorOptions options;
};

/// A whole answer to a request for metadata.
inline std::string answer(std::string_view body, std::string_view status = "200 OK") {
  std::string text = "HTTP/1.1 ";
  text += status;
  text += "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  text += body;
  return text;
}

/// The block of that key; empty where there is none.
inline std::string block(const Detection& detection, std::string_view key) {
  for (const AwsBlock& each : detection.environment.aws) {
    if (each.key == key) return each.json;
  }
  return {};
}

/// The messages of all failures, a line each.
inline std::string failures(const Detection& detection) {
  std::string text;
  for (const Error& failure : detection.failures) text += failure.message + "\n";
  return text;
}

}  // namespace xtrace::testing
