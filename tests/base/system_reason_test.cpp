#include "base/system_reason.h"

#include <cerrno>

#include <doctest/doctest.h>

namespace xtrace {

TEST_SUITE("base/system_reason") {
  TEST_CASE("an errno is told in lower case with its name") {
    CHECK(system_reason(ECONNREFUSED) == "connection refused (ECONNREFUSED)");
    CHECK(system_reason(ENETUNREACH) == "network is unreachable (ENETUNREACH)");
  }

  TEST_CASE("an errno without a name is told as a number") {
    CHECK(system_reason(4095) == "unknown error 4095");
  }
}

}  // namespace xtrace
