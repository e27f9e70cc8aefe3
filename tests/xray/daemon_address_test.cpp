#include <doctest/doctest.h>

#include <xtrace/daemon_address.h>

namespace xtrace {

namespace {

/// `udp tcp`, or the error's message.
std::string read(std::string_view text) {
  const Expected<DaemonAddress> address = parse_daemon_address(text);
  if (const Error* error = address.if_error()) {
    CHECK(error->code == Error::Code::invalid_address);
    return error->message;
  }
  return address->udp.to_string() + " " + address->tcp.to_string();
}

}  // namespace

TEST_SUITE("xray/daemon_address") {
  TEST_CASE("one address serves both protocols") {
    CHECK(read("192.168.0.1:3000") == "192.168.0.1:3000 192.168.0.1:3000");
    CHECK(read("xray_daemon.local-1:1") == "xray_daemon.local-1:1 xray_daemon.local-1:1");
    CHECK(read("udphost:2000") == "udphost:2000 udphost:2000");
    CHECK(read("udp:2000") == "udp:2000 udp:2000");
    CHECK(read("h:65535") == "h:65535 h:65535");
  }

  TEST_CASE("two addresses name their protocols, in either order") {
    CHECK(read("tcp:192.168.0.1:3000 udp:127.0.0.2:8080") == "127.0.0.2:8080 192.168.0.1:3000");
    CHECK(read("udp:127.0.0.2:8080 tcp:192.168.0.1:3000") == "127.0.0.2:8080 192.168.0.1:3000");
  }

  TEST_CASE("white space around and between is ignored") {
    CHECK(read("  h:1\t") == "h:1 h:1");
    CHECK(read(" tcp:h:1  \t udp:i:2 ") == "i:2 h:1");
  }

  TEST_CASE("IPv6 goes in brackets") {
    CHECK(read("[::1]:2000") == "[::1]:2000 [::1]:2000");
    CHECK(read("udp:[fe80::1%lo]:1 tcp:[2001:db8::5]:2") == "[fe80::1%lo]:1 [2001:db8::5]:2");
    CHECK(parse_daemon_address("[::1]:2000")->udp.host == "::1");
    for (const std::string_view text : {"::1:2000", "[::1]", "[::1:2000", "[h]:2000", "[]:1",
                                        "[::1]x:2000", "[127.0.0.1]:2000"}) {
      CHECK_MESSAGE(read(text).starts_with("read daemon address"), text);
    }
  }

  TEST_CASE("no address is the daemon's default") {
    CHECK(read("") == "127.0.0.1:2000 127.0.0.1:2000");
    CHECK(read(" \t") == "127.0.0.1:2000 127.0.0.1:2000");
  }

  TEST_CASE("what is no address is refused") {
    for (const std::string_view text : {"192.168.0.1",
                                        ":8000",
                                        "8000",
                                        "tcp:192.168.0.1:3000",
                                        "udp:192.168.0.1:3000",
                                        "127.0.0.2:8080 192.168.0.1:3000",
                                        "udp:127.0.0.2:8080 192.168.0.1:3000",
                                        "127.0.0.2:8080 tcp:192.168.0.1:3000",
                                        "tcp:h:1,udp:h:2",
                                        "tcp:h:1, udp:h:2",
                                        "UDP:h:1 TCP:h:2",
                                        "udp:h:1 udp:h:2",
                                        "tcp:h:1 tcp:h:2",
                                        "127.0.0.1:2000:x",
                                        "127.0.0.1:70000",
                                        "127.0.0.1:0",
                                        "127.0.0.1:",
                                        "127.0.0.1:+1",
                                        "127.0.0.1:-1",
                                        "127.0.0.1:1x",
                                        "http://h:1",
                                        "us er@h:1",
                                        "user@h:1",
                                        "udp:h:1 tcp:h:2 tcp:h:3",
                                        "udp:h: tcp:h:2",
                                        "udp::1 tcp:h:2",
                                        "h\n:1"}) {
      CHECK_MESSAGE(read(text).starts_with("read daemon address"), text);
    }
  }

  TEST_CASE("an error names the part and the reason") {
    CHECK(read("udp:h:1 tcp:h:70000") ==
          "read daemon address \"h:70000\": the port is not a number from 1 to 65535");
    CHECK(read("tcp:h:1") ==
          "read daemon address \"tcp:h:1\": the address of the other protocol is missing");
    CHECK(read("::1:2000") ==
          "read daemon address \"::1:2000\": it has too many colons; an IPv6 address goes in "
          "brackets");
  }
}

}  // namespace xtrace
