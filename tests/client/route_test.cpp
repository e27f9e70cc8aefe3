#include "client/route.h"

#include <doctest/doctest.h>

namespace xtrace::route_test {

namespace {

Url url(std::string_view text) {
  return Url::parse(text).value();
}

Address ip(std::string_view literal, std::uint16_t port) {
  return Address::from_ip(literal, port).value();
}

}  // namespace

TEST_SUITE("client/route") {
  TEST_CASE("a name without override is looked up") {
    const Expected<Route> route = plan_route({}, url("http://example.com:8080/"));
    REQUIRE(route.has_value());
    CHECK(route->addresses.empty());
    CHECK(route->host == "example.com");
    CHECK(route->port == 8080);
  }

  TEST_CASE("an IP literal is dialled as it is") {
    const Expected<Route> route = plan_route({}, url("https://[::1]/"));
    REQUIRE(route.has_value());
    CHECK(route->addresses == std::vector{ip("::1", 443)});
  }

  TEST_CASE("a resolve override answers for its host and port only") {
    ClientConfig config;
    config.resolve = {{.host = "Example.com", .port = 80, .addresses = {ip("127.0.0.9", 0)}}};
    CHECK(plan_route(config, url("http://example.com/"))->addresses ==
          std::vector{ip("127.0.0.9", 80)});
    CHECK(plan_route(config, url("http://example.com:81/"))->addresses.empty());
    CHECK(plan_route(config, url("http://example.org/"))->addresses.empty());
  }

  TEST_CASE("the override of every host is *") {
    ClientConfig config;
    config.resolve = {{.host = "*", .port = 80, .addresses = {ip("127.0.0.9", 0)}}};
    CHECK(plan_route(config, url("http://anything.test/"))->addresses ==
          std::vector{ip("127.0.0.9", 80)});
  }

  TEST_CASE("connect-to moves host and port, each only where it is given") {
    ClientConfig config;
    config.connect_to = {
        {.from_host = "a.test", .from_port = 80, .to_host = "b.test", .to_port = 8080}};
    CHECK(plan_route(config, url("http://a.test/"))->host == "b.test");
    CHECK(plan_route(config, url("http://a.test/"))->port == 8080);
    CHECK(plan_route(config, url("http://a.test:81/"))->host == "a.test");
    config.connect_to = {{.to_port = 9}};
    CHECK(plan_route(config, url("http://c.test/"))->host == "c.test");
    CHECK(plan_route(config, url("http://c.test/"))->port == 9);
  }

  TEST_CASE("connect-to may name an address, and a resolve override may serve what it names") {
    ClientConfig config;
    config.connect_to = {{.to_host = "127.0.0.1", .to_port = 81}};
    CHECK(plan_route(config, url("http://a.test/"))->addresses == std::vector{ip("127.0.0.1", 81)});
    config.connect_to = {{.to_host = "b.test", .to_port = 0}};
    config.resolve = {{.host = "b.test", .port = 80, .addresses = {ip("127.0.0.2", 0)}}};
    CHECK(plan_route(config, url("http://a.test/"))->addresses == std::vector{ip("127.0.0.2", 80)});
  }

  TEST_CASE("a family that excludes every known address is an error that says so") {
    ClientConfig config;
    config.family = AddressFamily::ipv4_only;
    const Expected<Route> route = plan_route(config, url("http://[::1]/"));
    REQUIRE_FALSE(route.has_value());
    CHECK(route.error().code == Error::Code::connect_unreachable);
    CHECK(route.error().message ==
          "connect ::1: only IPv4 is allowed and ::1 is not an IPv4 address");
  }

  TEST_CASE("a unix socket takes every request") {
    ClientConfig config;
    config.unix_socket = "/run/app.sock";
    const Expected<Route> route = plan_route(config, url("http://anything.test/"));
    REQUIRE(route.has_value());
    CHECK(route->addresses.at(0).to_string() == "unix:/run/app.sock");
  }
}

}  // namespace xtrace::route_test
