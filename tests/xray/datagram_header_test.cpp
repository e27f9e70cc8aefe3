#include "xray/datagram_header.h"

#include <doctest/doctest.h>

namespace datagram_header_test {

using namespace xtrace;

TEST_SUITE("xray/datagram_header") {
  TEST_CASE("a line is a header exactly where the daemon takes it for one") {
    const char* const taken[] = {
        R"({"format":"json","version":1})",
        R"({"format": "json", "version": 1})",
        R"({"version":1,"format":"json"})",
        R"({"format": "jSoN", "version": 1})",
        R"({"Format":"JSON","VERSION":1})",
        R"({"a":[{}],"format":"json","b":null,"version":1})",
        R"({"format":"xml","format":"json","version":2,"version":1})",
        R"({"version":1,"format":"json","format":5})",
        "  {\"format\":\"json\",\"version\":1}\t\r",
    };
    for (const char* line : taken) {
      CAPTURE(line);
      CHECK(is_datagram_header(line));
    }
    const char* const refused[] = {
        "",
        "[]",
        "{}",
        R"({"format":"json","version":1.0})",
        R"({"format":"json","version":1e0})",
        R"({"format":"json","version":"1"})",
        R"({"format":"json","version":2})",
        R"({"format":"json"})",
        R"({"version":1})",
        R"({"format":"xml","version":1})",
        R"({"format":"json","version":1}{})",
        R"({"format":"json","version":1)",
        "\xEF\xBB\xBF{\"format\":\"json\",\"version\":1}",
    };
    for (const char* line : refused) {
      CAPTURE(line);
      CHECK_FALSE(is_datagram_header(line));
    }
  }
}

}  // namespace datagram_header_test
