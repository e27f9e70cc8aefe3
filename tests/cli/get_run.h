#pragma once

/// Runs a whole command line inside the test, and listens as the X-Ray daemon would.

#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace xtrace::testing {

struct RunResult {
  int code = -1;
  std::string out;
  std::string err;
};

/// What the command line does with these words, in an environment of these variables.
RunResult run(std::initializer_list<std::string_view> words,
              std::map<std::string, std::string> variables = {});

/// The same with words that are put together by the test.
RunResult run_words(std::span<const std::string_view> words,
                    std::map<std::string, std::string> variables = {});

/// The same with `input` on stdin.
RunResult run_with_input(std::string_view input, std::initializer_list<std::string_view> words,
                         std::map<std::string, std::string> variables = {});

/// The same with a stdout of the test's own, which is then not in the result.
RunResult run_into(int out, std::initializer_list<std::string_view> words,
                   std::map<std::string, std::string> variables = {});

/// A UDP socket on a free loopback port.
class FakeDaemon {
 public:
  FakeDaemon();
  FakeDaemon(const FakeDaemon&) = delete;
  FakeDaemon& operator=(const FakeDaemon&) = delete;
  ~FakeDaemon();

  /// `127.0.0.1:40123`
  std::string address() const;
  /// Nobody listens there from now on.
  void leave();
  /// The next datagram that has arrived; empty where there is none.
  std::string next();
  /// The document of the next datagram; fails the test where the header line is missing.
  nlohmann::json next_document();

 private:
  int descriptor_ = -1;
  int port_ = 0;
};

}  // namespace xtrace::testing
