#include <doctest/doctest.h>

#include <xtrace/client.h>

namespace xtrace::config_test {

TEST_SUITE("client/config") {
  TEST_CASE("the defaults are a valid configuration") {
    CHECK(finalize_config({}).has_value());
  }

  TEST_CASE("a value that makes no sense is refused and named") {
    ClientConfig config;
    std::string expected;
    SUBCASE("a negative limit") {
      config.timeouts.dns = std::chrono::milliseconds(-1);
      expected = "timeouts.dns is negative";
    }
    SUBCASE("a stagger that floods") {
      config.happy_eyeballs_delay = std::chrono::milliseconds(9);
      expected = "happy_eyeballs_delay is under 10 ms, the least RFC 8305 section 8 allows";
    }
    SUBCASE("a resolve override without addresses") {
      config.resolve = {{.host = "a.test", .port = 80, .addresses = {}}};
      expected = "a resolve override needs a host, a port and at least one address";
    }
    SUBCASE("a user agent that would break the head") {
      config.user_agent = "x\r\nInjected: yes";
      expected = "user_agent holds a line break or a NUL";
    }
    SUBCASE("a key without its certificate") {
      config.tls.key_file = "key.pem";
      expected = "tls.key_file is set but tls.certificate_file is not";
    }
    const Expected<FinalizedClientConfig> finalized = finalize_config(config);
    REQUIRE_FALSE(finalized.has_value());
    CHECK(finalized.error().code == Error::Code::invalid_config);
    CHECK(finalized.error().message == expected);
  }
}

}  // namespace xtrace::config_test
