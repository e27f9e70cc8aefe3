#include "collect/request_guard.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace request_guard_test {

using namespace xtrace;
using namespace xtrace::collect;

namespace {

const Address kLoopback = Address::from_ipv4({127, 0, 0, 1}, 2080);
const Address kEverywhere = Address::from_ipv4({0, 0, 0, 0}, 2080);
const Address kNetwork = Address::from_ipv4({192, 0, 2, 7}, 2080);

struct Knock {
  std::string host = "127.0.0.1:2080";
  std::vector<FieldView> fields{};
  std::string method = "GET";
  Asked asked = Asked::data;
};

bool passes(const Knock& knock, const Address& bound = kLoopback) {
  const RequestGuard guard(bound, {"build7", "build7.lab.example"});
  const IncomingRequest request{.method = knock.method,
                                .target = "/",
                                .path = "/",
                                .host = knock.host,
                                .fields = knock.fields};
  const auto refusal = guard.refusal(request, knock.asked);
  CHECK((!refusal || refusal->ends_with('.')));
  return !refusal;
}

}  // namespace

TEST_SUITE("collect/request_guard") {
  TEST_CASE("on loopback only names of loopback with the right port are answered") {
    for (const char* host :
         {"127.0.0.1:2080", "localhost:2080", "LOCALHOST:2080", "[::1]:2080", "127.8.9.1:2080"}) {
      CAPTURE(host);
      CHECK(passes({.host = host}));
    }
    for (const char* host :
         {"", "127.0.0.1", "127.0.0.1:2000", "127.0.0.1:", "localhost", "evil.example:2080",
          "localhost.evil.example:2080", "127.0.0.1.evil.example:2080", "192.0.2.7:2080",
          "0.0.0.0:2080", "build7:2080", "[::2]:2080", "127.0.0.1:99999", "localhost.:2080",
          "127.0.0.1.:2080", "127.1:2080", "2130706433:2080", "0x7f000001:2080", "[::1:2080"}) {
      CAPTURE(host);
      CHECK_FALSE(passes({.host = host}));
      CHECK_FALSE(passes({.host = host, .method = "POST", .asked = Asked::api}));
    }
  }

  TEST_CASE("a default port needs no mention") {
    CHECK(passes({.host = "127.0.0.1"}, Address::from_ipv4({127, 0, 0, 1}, 80)));
    CHECK(passes({.host = "localhost:80"}, Address::from_ipv4({127, 0, 0, 1}, 80)));
  }

  TEST_CASE("an address that was asked for is answered by its literal and the machine's names") {
    for (const char* host : {"192.0.2.7:2080", "localhost:2080", "build7:2080",
                             "BUILD7.lab.example:2080", "xray-daemon:2080"}) {
      CAPTURE(host);
      CHECK(passes({.host = host}, kNetwork));
      CHECK(passes({.host = host}, kEverywhere));
    }
    CHECK_FALSE(passes({.host = "198.51.100.1:2080"}, kNetwork));
    CHECK_FALSE(passes({.host = "192.0.2.7:8080"}, kNetwork));
    CHECK(passes({.host = "198.51.100.1:8080"}, kEverywhere));
    CHECK_FALSE(passes({.host = "evil.example:2080"}, kNetwork));
    CHECK_FALSE(passes({.host = "evil.example:2080"}, kEverywhere));
    CHECK_FALSE(passes({.host = "build7.:2080"}, kEverywhere));
  }

  TEST_CASE("a program may call the API of a network address by any name, a page may not") {
    const Knock program{.host = "xray-service.default:2000", .method = "POST", .asked = Asked::api};
    CHECK(passes(program, kEverywhere));
    Knock page = program;
    page.fields = {{"Origin", "http://xray-service.default:2000"}};
    CHECK_FALSE(passes(page, kEverywhere));
    Knock get = program;
    get.method = "GET";
    CHECK_FALSE(passes(get, kEverywhere));
  }

  TEST_CASE("an origin other than its own is refused, whatever is asked") {
    for (const Asked asked : {Asked::page, Asked::data, Asked::api}) {
      for (const char* origin : {"http://evil.example", "null", "", "https://127.0.0.1:2080",
                                 "http://127.0.0.1:3000", "http://localhost:2080"}) {
        CAPTURE(origin);
        CHECK_FALSE(passes({.fields = {{"Origin", origin}}, .method = "POST", .asked = asked}));
        CHECK_FALSE(passes({.fields = {{"origin", origin}}, .asked = asked}));
      }
      CHECK(passes({.fields = {{"Origin", "http://127.0.0.1:2080"}}, .asked = asked}));
    }
  }

  TEST_CASE("what a browser says comes from another site may only be a link to the page") {
    const FieldView navigates{"Sec-Fetch-Mode", "navigate"};
    const FieldView document{"Sec-Fetch-Dest", "document"};
    for (const char* site : {"cross-site", "same-site", "unheard-of"}) {
      CAPTURE(site);
      const FieldView from{"Sec-Fetch-Site", site};
      CHECK(passes({.fields = {from, navigates, document}, .asked = Asked::page}));
      CHECK_FALSE(passes({.fields = {from, navigates, document}}));
      CHECK_FALSE(passes({.fields = {from}, .asked = Asked::page}));
      CHECK_FALSE(passes(
          {.fields = {from, {"Sec-Fetch-Mode", "no-cors"}, document}, .asked = Asked::page}));
      CHECK_FALSE(passes(
          {.fields = {from, navigates, {"Sec-Fetch-Dest", "iframe"}}, .asked = Asked::page}));
      CHECK_FALSE(
          passes({.fields = {from, navigates, document}, .method = "POST", .asked = Asked::page}));
    }
    for (const char* site : {"same-origin", "none"})
      CHECK(passes({.fields = {{"Sec-Fetch-Site", site}}}));
  }

  TEST_CASE("a preflight is refused, and a program is let through") {
    CHECK_FALSE(passes({.method = "OPTIONS", .asked = Asked::api}));
    CHECK_FALSE(passes({.fields = {{"Origin", "http://127.0.0.1:2080"}}, .method = "OPTIONS"}));
    CHECK(passes({.method = "POST", .asked = Asked::api}));
    CHECK(passes({.method = "HEAD"}));
  }
}

}  // namespace request_guard_test
