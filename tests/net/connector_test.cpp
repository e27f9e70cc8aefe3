#include "net/connector.h"

#include <array>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <unistd.h>

#include "dial_log.h"
#include "support/listener.h"
#include "support/scripted_server.h"
#include "support/test_loop.h"

namespace xtrace::connector_test {

namespace {

using namespace std::chrono_literals;
using testing::DialLog;
using testing::RefusingAddress;
using testing::ScriptedServer;
using testing::SilentAddress;
using testing::TestLoop;

const Address kLoopback4 = Address::from_ipv4({127, 0, 0, 1}, 0);
const Address kLoopback6 = Address::from_ipv6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 0);

std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

TEST_SUITE("net/connector") {
  TEST_CASE("families are interleaved, beginning with the first address's") {
    const auto v4 = [](std::uint8_t last) { return Address::from_ipv4({192, 0, 2, last}, 80); };
    const auto v6 = [](std::uint8_t last) {
      return Address::from_ipv6({0x20, 1, 13, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last}, 80);
    };
    CHECK(interleave_families(std::vector{v6(1), v6(2), v6(3), v4(1), v4(2)}) ==
          std::vector{v6(1), v4(1), v6(2), v4(2), v6(3)});
    CHECK(interleave_families(std::vector{v4(1), v4(2), v6(1)}) ==
          std::vector{v4(1), v6(1), v4(2)});
    CHECK(interleave_families(std::vector{v4(1), v4(2)}) == std::vector{v4(1), v4(2)});
  }

  TEST_CASE("one address that answers is one dial, and no byte waits for another") {
    TestLoop loop;
    ScriptedServer server(loop);
    DialLog log;
    const auto connecting = log.connect(loop, {server.address()});
    loop.run_until([&log] { return log.is_done(); });
    REQUIRE(log.result->has_value());
    CHECK(log.result->value()->remote_address() == server.address());
    REQUIRE(log.dials.size() == 1);
    CHECK_FALSE(log.dials[0].error.has_value());
    CHECK(log.dials[0].ended > log.dials[0].started);
  }

  TEST_CASE("the connector starts IPv4 250 ms after a silent IPv6 address and closes the loser") {
    TestLoop loop;
    const SilentAddress silent(kLoopback6);
    ScriptedServer server(loop);
    DialLog log;
    const auto before = open_descriptors();
    const auto connecting = log.connect(loop, {silent.address(), server.address()});
    loop.run_until([&] { return log.is_done() && server.connections() == 1; });
    CHECK(open_descriptors() == before + 2);  // the winner's two ends
    REQUIRE(log.result->has_value());
    CHECK(log.result->value()->remote_address() == server.address());
    REQUIRE(log.dials.size() == 2);
    const Duration stagger = log.dials[1].started - log.dials[0].started;
    CHECK(stagger >= 250ms);
    CHECK(stagger < 1s);
    CHECK(log.dials[0].is_abandoned);
    CHECK_FALSE(log.dials[0].error.has_value());
    CHECK(log.dials[0].ended >= log.dials[1].ended);
    CHECK_FALSE(log.dials[1].is_abandoned);
  }

  TEST_CASE("an address that refuses lets the next one start at once") {
    TestLoop loop;
    const RefusingAddress refusing(kLoopback6);
    ScriptedServer server(loop);
    DialLog log;
    const auto connecting = log.connect(loop, {refusing.address(), server.address()});
    loop.run_until([&log] { return log.is_done(); });
    REQUIRE(log.result->has_value());
    REQUIRE(log.dials.size() == 2);
    CHECK(log.dials[0].error->code == Error::Code::connect_refused);
    CHECK(log.dials[1].started - log.dials[0].started < 100ms);
  }

  TEST_CASE("a refusal while an earlier dial is still silent starts the next at once") {
    TestLoop loop;
    const SilentAddress silent(kLoopback6);
    const RefusingAddress refusing;
    ScriptedServer server(loop, {.address = kLoopback6});
    DialLog log;
    const auto connecting =
        log.connect(loop, {silent.address(), server.address(), refusing.address()});
    loop.run_until([&log] { return log.is_done(); });
    REQUIRE(log.dials.size() == 3);
    CHECK(log.dials[1].address == refusing.address());
    CHECK(log.dials[2].started - log.dials[1].started < 100ms);
    CHECK(log.result->value()->remote_address() == server.address());
  }

  TEST_CASE("when every address fails the last failure is the answer") {
    TestLoop loop;
    const RefusingAddress first(kLoopback6);
    const RefusingAddress second;
    DialLog log;
    const auto connecting = log.connect(loop, {first.address(), second.address()});
    loop.run_until([&log] { return log.is_done(); });
    REQUIRE_FALSE(log.result->has_value());
    CHECK(log.result->error() ==
          Error{Error::Code::connect_refused, Phase::connect,
                "connect " + second.address().to_string() + ": connection refused (ECONNREFUSED)"});
    CHECK(log.dials.size() == 2);
    CHECK(log.dials[0].error->message ==
          "connect " + first.address().to_string() + ": connection refused (ECONNREFUSED)");
  }

  TEST_CASE("an address without a route is unreachable") {
    TestLoop loop;
    DialLog log;
    // No kernel dials TCP to a multicast group, whatever its routes.
    const auto connecting = log.connect(loop, {Address::from_ipv4({224, 0, 0, 1}, 9)});
    loop.run_until([&log] { return log.is_done(); });
    CHECK(log.result->error() ==
          Error{Error::Code::connect_unreachable, Phase::connect,
                "connect 224.0.0.1:9: network is unreachable (ENETUNREACH)"});
  }

  TEST_CASE("a Unix socket is dialled by its path, and an abstract one by its name") {
    TestLoop loop;
    const std::string unique = "xtrace-connector-test-" + std::to_string(getpid());
    const std::string path = "/tmp/" + unique;
    Address address;
    SUBCASE("path") {
      address = Address::from_path(path).value();
    }
    SUBCASE("abstract name") {
      address = Address::from_path("@" + unique).value();
    }
    ScriptedServer server(loop, {.address = address});
    server.on_connection().expect("ping").send("pong");
    DialLog log;
    const auto connecting = log.connect(loop, {address});
    loop.run_until([&log] { return log.is_done(); });
    unlink(path.c_str());
    REQUIRE(log.result->has_value());
    const auto& stream = log.result->value();
    CHECK(stream->remote_address() == address);
    bool is_written = false;
    stream->write(std::as_bytes(std::span(std::string_view("ping"))),
                  [&is_written](Expected<void> with) { is_written = with.has_value(); });
    loop.run_until([&server] { return server.is_done(); });
    CHECK(is_written);
  }

  TEST_CASE("a Unix socket that is not there is named in the error") {
    TestLoop loop;
    DialLog log;
    const auto connecting = log.connect(loop, {Address::from_path("/no/such.sock").value()});
    loop.run_until([&log] { return log.is_done(); });
    CHECK(log.result->error() ==
          Error{Error::Code::connect_failed, Phase::connect,
                "connect unix:/no/such.sock: no such file or directory (ENOENT)"});
  }
}

}  // namespace

}  // namespace xtrace::connector_test
