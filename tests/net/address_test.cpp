#include <cstddef>
#include <string>

#include <doctest/doctest.h>
#include <sys/un.h>

#include <xtrace/address.h>

#include "net/sockaddr.h"

namespace xtrace::address_test {

namespace {

std::string printed(std::string_view literal, std::uint16_t port) {
  const auto address = Address::from_ip(literal, port);
  return address ? address->to_string() : address.error().message;
}

TEST_SUITE("net/address") {
  TEST_CASE("an IP literal prints as it is read, IPv6 shortened and in brackets") {
    CHECK(printed("127.0.0.1", 80) == "127.0.0.1:80");
    CHECK(printed("::1", 443) == "[::1]:443");
    CHECK(printed("[::1]", 443) == "[::1]:443");
    CHECK(printed("2001:DB8:0:0:0:0:0:5", 65535) == "[2001:db8::5]:65535");
    CHECK(printed("::ffff:10.0.0.1", 0) == "[::ffff:10.0.0.1]:0");
  }

  TEST_CASE("what is not an IP literal is refused by name") {
    for (const char* text : {"", "localhost", "127.1", "256.0.0.1", "1.2.3.4.5", "::1::", "[::1",
                             "::1]", "[]", "[127.0.0.1]", " 127.0.0.1", "127.0.0.1 "}) {
      CAPTURE(text);
      const auto address = Address::from_ip(text, 80);
      REQUIRE_FALSE(address.has_value());
      CHECK(address.error().code == Error::Code::invalid_address);
      CHECK(address.error().message == "\"" + std::string(text) + "\" is not an IP address");
    }
  }

  TEST_CASE("a literal with a zero byte inside is refused") {
    CHECK_FALSE(Address::from_ip(std::string_view("127.0.0.1\0.evil", 15), 80).has_value());
    CHECK_FALSE(Address::from_ip(std::string_view("fe80::1%1\0x", 11), 80).has_value());
  }

  TEST_CASE("a scope is read as a number or as the name of an interface, and only for IPv6") {
    const auto numbered = Address::from_ip("fe80::1%7", 80);
    REQUIRE(numbered.has_value());
    CHECK(numbered->scope_id() == 7);
    CHECK(numbered->to_string() == "[fe80::1%7]:80");

    const auto named = Address::from_ip("[fe80::1%lo]", 80);
    REQUIRE(named.has_value());
    CHECK(named->scope_id() == 1);

    CHECK_FALSE(Address::from_ip("fe80::1%", 80).has_value());
    CHECK_FALSE(Address::from_ip("fe80::1%no-such-interface", 80).has_value());
    CHECK_FALSE(Address::from_ip("127.0.0.1%1", 80).has_value());
  }

  TEST_CASE("the host is the address without its port") {
    CHECK(Address::from_ip("127.0.0.1", 80)->host() == "127.0.0.1");
    CHECK(Address::from_ip("[::1]", 80)->host() == "::1");
    CHECK(Address::from_path("/run/x.sock")->host() == "unix:/run/x.sock");
    CHECK(Address().host().empty());
  }

  TEST_CASE("the network is named as in Go") {
    CHECK(Address::from_ip("127.0.0.1", 80)->network() == "tcp4");
    CHECK(Address::from_ip("::1", 80)->network() == "tcp6");
    CHECK(Address::from_path("/run/x.sock")->network() == "unix");
    CHECK(Address().network().empty());
    CHECK(Address().to_string().empty());
  }

  TEST_CASE("a socket path has 1 to 107 bytes and no zero byte") {
    CHECK(Address::from_path(std::string(107, 'p'))->path() == std::string(107, 'p'));
    CHECK_FALSE(Address::from_path(std::string(108, 'p')).has_value());
    CHECK_FALSE(Address::from_path("").has_value());
    CHECK_FALSE(Address::from_path(std::string_view("/run/\0x", 7)).has_value());
  }

  TEST_CASE("loopback is 127/8, ::1, IPv4 loopback mapped into IPv6, and every Unix socket") {
    CHECK(Address::from_ip("127.0.0.1", 0)->is_loopback());
    CHECK(Address::from_ip("127.255.255.254", 0)->is_loopback());
    CHECK(Address::from_ip("::1", 0)->is_loopback());
    CHECK(Address::from_ip("::ffff:127.0.0.1", 0)->is_loopback());
    CHECK(Address::from_path("/run/x.sock")->is_loopback());
    CHECK_FALSE(Address::from_ip("128.0.0.1", 0)->is_loopback());
    CHECK_FALSE(Address::from_ip("::2", 0)->is_loopback());
    CHECK_FALSE(Address::from_ip("::ffff:128.0.0.1", 0)->is_loopback());
    CHECK_FALSE(Address().is_loopback());
  }

  TEST_CASE("addresses are equal when everything that is dialled is") {
    const Address one = Address::from_ipv4({10, 0, 0, 1}, 80);
    CHECK(one == Address::from_ip("10.0.0.1", 80).value());
    CHECK(one != one.with_port(81));
    CHECK(one.with_port(81).with_port(80) == one);
    CHECK(*Address::from_ip("fe80::1%1", 80) != *Address::from_ip("fe80::1%2", 80));
    CHECK(Address::from_path("/a")->with_port(80) == *Address::from_path("/a"));
  }

  TEST_CASE("an IP address survives the way to the kernel's form and back") {
    for (const char* text : {"127.0.0.1", "203.0.113.7", "::1", "fe80::1%3", "2001:db8::5"}) {
      CAPTURE(text);
      const Address address = Address::from_ip(text, 8080).value();
      const sockaddr_storage native = to_sockaddr(address);
      CHECK(from_sockaddr(reinterpret_cast<const sockaddr*>(&native)) == address);
    }
  }

  TEST_CASE("an abstract socket's name begins with a zero byte and ends without one") {
    const auto text_of = [](const Address& address) {
      const sockaddr_storage native = to_sockaddr(address);
      const auto* bytes = reinterpret_cast<const char*>(&native);
      return std::string(bytes + offsetof(sockaddr_un, sun_path), bytes + sockaddr_length(address));
    };
    CHECK(text_of(*Address::from_path("@name")) == std::string("\0name", 5));
    CHECK(text_of(*Address::from_path("/name")) == std::string("/name\0", 6));
  }
}

}  // namespace

}  // namespace xtrace::address_test
