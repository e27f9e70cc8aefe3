#include "base/system_reason.h"

#include <cerrno>

#include <doctest/doctest.h>
#include <netdb.h>

namespace xtrace::system_reason_test {

TEST_SUITE("base/system_reason") {
  TEST_CASE("an errno is told in lower case with its name") {
    CHECK(system_reason(ECONNREFUSED) == "connection refused (ECONNREFUSED)");
    CHECK(system_reason(ENETUNREACH) == "network is unreachable (ENETUNREACH)");
  }

  TEST_CASE("an errno without a name is told as a number") {
    CHECK(system_reason(4095) == "unknown error 4095");
  }

  TEST_CASE("a failed lookup is told with its name, or with the errno behind it") {
    CHECK(lookup_reason(EAI_NONAME, ENOENT) == "name or service not known (EAI_NONAME)");
    CHECK(lookup_reason(EAI_SYSTEM, ENOENT) == "no such file or directory (ENOENT)");
    CHECK(lookup_reason(12345, 0) == "getaddrinfo failed (12345)");
  }
}

}  // namespace xtrace::system_reason_test
