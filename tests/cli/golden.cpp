#include "golden.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <doctest/doctest.h>

namespace xtrace::testing {

void check_golden(std::string_view name, const std::string& actual) {
  const std::string path = std::string(XTRACE_GOLDEN_DIRECTORY "/").append(name);
  const char* update = std::getenv("XTRACE_UPDATE_GOLDEN");
  if (update != nullptr && std::string_view(update) == "1") {
    std::ofstream file(path, std::ios::binary);
    file << actual;
    REQUIRE_MESSAGE(file.good(), "cannot write " << path);
    return;
  }
  std::ifstream file(path, std::ios::binary);
  REQUIRE_MESSAGE(file.good(), "cannot read " << path);
  std::ostringstream expected;
  expected << file.rdbuf();
  CHECK_MESSAGE(actual == expected.str(), "golden file " << path);
}

}  // namespace xtrace::testing
