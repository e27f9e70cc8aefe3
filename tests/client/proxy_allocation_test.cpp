#include <doctest/doctest.h>

#include "client/proxy_rules.h"
#include "support/count_allocations.h"

namespace proxy_allocation_test {

using namespace xtrace;

TEST_SUITE("client/proxy_allocation") {
  TEST_CASE("choosing a proxy allocates nothing, whatever is on the list") {
    const Expected<ProxyRules> rules = ProxyRules::make(
        {.http = "http://user:password@proxy.example.com:3128",
         .no_proxy = "corp.example.com,.example.org:8080,10.0.0.0/8,2001:db8::/32,192.0.2.1"});
    REQUIRE(rules.has_value());
    for (const char* text :
         {"http://www.example.com/", "http://a.very.long.name.of.a.host.corp.example.com/",
          "http://203.0.113.255/", "http://[2001:db8:ffff:ffff:ffff:ffff:ffff:fffe]/",
          "http://[3fff:db8:ffff:ffff:ffff:ffff:ffff:fffe]/", "http://localhost/"}) {
      const Expected<Url> url = Url::parse(text);
      REQUIRE(url.has_value());
      INFO(text);
      const Proxy* proxy = nullptr;
      CHECK(testing::allocations_of([&] { proxy = rules->choose(*url); }) == 0);
      CHECK(proxy == rules->choose(*url));
    }
  }
}

}  // namespace proxy_allocation_test
