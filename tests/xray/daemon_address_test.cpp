#include <doctest/doctest.h>

#include <xtrace/daemon_address.h>

namespace xtrace::daemon_address_test {

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

struct Vector {
  std::string_view text;
  std::string_view result;  ///< `udp tcp`, or the reason of the refusal.
};

// What the SDKs for Go, Node and Python make of each value stands behind it. What any of them takes
// and makes sense of is taken, and white space wherever it does no harm.
constexpr Vector kVectors[] = {
    {"192.168.0.1:3000", "192.168.0.1:3000 192.168.0.1:3000"},                       // all
    {"tcp:192.168.0.1:3000 udp:127.0.0.2:8080", "127.0.0.2:8080 192.168.0.1:3000"},  // all
    {"udp:127.0.0.2:8080 tcp:192.168.0.1:3000", "127.0.0.2:8080 192.168.0.1:3000"},  // all
    {"192.168.0.1", "the port is missing (host:port)"},                              // none
    {":8000", "127.0.0.1:8000 127.0.0.1:8000"},   // Go: this machine; Python: no host at all
    {"8000", "the port is missing (host:port)"},  // none
    {"tcp:192.168.0.1:3000", "the address of the other protocol is missing"},  // none
    {"127.0.0.2:8080 192.168.0.1:3000",
     "two addresses must be udp:host:port and tcp:host:port"},  // none
    {"udp:127.0.0.2:8080 192.168.0.1:3000",
     "two addresses must be udp:host:port and tcp:host:port"},   // none
    {" 192.168.0.1:3000", "192.168.0.1:3000 192.168.0.1:3000"},  // none; white space
    {"192.168.0.1:3000 ", "192.168.0.1:3000 192.168.0.1:3000"},  // none; white space
    {"tcp:h:1  udp:i:2", "i:2 h:1"},  // none, Node stays with its default; white space
    {"tcp:h:1,udp:i:2", "a space must stand between the two addresses"},  // none
    {"tcp:h:1, udp:i:2", "i:2 h:1"},          // Node, whose README writes it so
    {"[::1]:2000", "[::1]:2000 [::1]:2000"},  // Node takes it and sends to "["; it has a meaning
    {"UDP:h:1 TCP:h:2",
     "the protocols are written in lower case, udp:host:port and tcp:host:port"},  // none
    {"udp:h:1 udp:h:2", "both are for the same protocol"},                         // none
    {"127.0.0.1:2000:x",  // Node takes two parts of it, Python all; what x means, nobody knows
     "it has too many colons; an IPv6 address goes in brackets"},
    {"127.0.0.1:70000", "the port is not a number from 1 to 65535"},  // Node and Python; no port
    {"udphost:2000", "udphost:2000 udphost:2000"},                    // Go and Python
};

}  // namespace

TEST_SUITE("xray/daemon_address") {
  TEST_CASE("an address that any SDK makes sense of is read, and the rest refused with a reason") {
    for (const Vector& vector : kVectors) {
      CAPTURE(vector.text);
      const std::string result = read(vector.text);
      if (result.starts_with("read daemon address")) {
        CHECK(result.ends_with(std::string("\": ").append(vector.result)));
      } else {
        CHECK(result == vector.result);
      }
    }
  }

  TEST_CASE("a host may begin like a protocol, and be one") {
    CHECK(read("udp:2000") == "udp:2000 udp:2000");
    CHECK(read("TCP:2000") == "TCP:2000 TCP:2000");
    CHECK(read("udp:udp:1 tcp:tcp:2") == "udp:1 tcp:2");
    CHECK(read("xray_daemon.local-1:1") == "xray_daemon.local-1:1 xray_daemon.local-1:1");
    CHECK(read("h:65535") == "h:65535 h:65535");
  }

  TEST_CASE("white space around and between is ignored") {
    CHECK(read("  h:1\t") == "h:1 h:1");
    CHECK(read(" tcp:h:1  \t udp:i:2 ") == "i:2 h:1");
    CHECK(read(" \t") == "127.0.0.1:2000 127.0.0.1:2000");
    CHECK(read("") == "127.0.0.1:2000 127.0.0.1:2000");
  }

  TEST_CASE("an address without a host is this machine's") {
    CHECK(read("udp::1 tcp:h:2") == "127.0.0.1:1 h:2");
    CHECK(read("udp:h:1 tcp::2") == "h:1 127.0.0.1:2");
  }

  TEST_CASE("IPv6 goes in brackets") {
    CHECK(read("udp:[fe80::1%lo]:1 tcp:[2001:db8::5]:2") == "[fe80::1%lo]:1 [2001:db8::5]:2");
    CHECK(parse_daemon_address("[::1]:2000")->udp.host == "::1");
    for (const std::string_view text : {"::1:2000", "[::1]", "[::1:2000", "[h]:2000", "[]:1",
                                        "[::1]x:2000", "[127.0.0.1]:2000", "[", "[:1"}) {
      CHECK_MESSAGE(read(text).starts_with("read daemon address"), text);
    }
  }

  TEST_CASE("what is no address is refused") {
    for (const std::string_view text : {":",
                                        "udp:192.168.0.1:3000",
                                        "127.0.0.2:8080 tcp:192.168.0.1:3000",
                                        "tcp:h:1 tcp:h:2",
                                        "Udp:h:1",
                                        "UDP:h:1 tcp:i:2",
                                        "tcp:h:1,, udp:h:2",
                                        "tcp:h:1 ,udp:h:2",
                                        "h:1,",
                                        "tcp:h:1, udp:h:2,",
                                        "h:1, i:2",
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

}  // namespace xtrace::daemon_address_test
