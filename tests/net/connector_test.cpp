#include "net/connector.h"

#include <array>
#include <chrono>
#include <filesystem>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <unistd.h>

#include "support/listener.h"
#include "support/scripted_server.h"
#include "support/test_loop.h"

namespace xtrace {

namespace {

using namespace std::chrono_literals;
using testing::RefusingAddress;
using testing::ScriptedServer;
using testing::SilentAddress;
using testing::TestLoop;

const Address kLoopback4 = Address::from_ipv4({127, 0, 0, 1}, 0);
const Address kLoopback6 = Address::from_ipv6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 0);

std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

/// Everything one connect did.
struct Log final : DialObserver {
  struct Entry {
    Address address;
    Tick started{};
    Tick ended{};
    std::optional<Error> error;
    bool is_abandoned = false;
  };
  std::vector<Entry> dials;
  std::optional<Expected<std::unique_ptr<Stream>>> result;
  std::size_t ended_at_result = 0;  // dials told to be over when the result came
  std::function<void()> on_event = [] {};

  void on_dial_start(std::size_t index, const Address& address, Tick at) override {
    CHECK(index == dials.size());
    dials.push_back({.address = address, .started = at, .ended = {}, .error = {}});
    on_event();
  }
  void on_dial_done(std::size_t index, const Address& address, Tick at,
                    const Error* error) override {
    end(index, address, at);
    if (error != nullptr) dials.at(index).error = *error;
    on_event();
  }
  void on_dial_abandoned(std::size_t index, const Address& address, Tick at) override {
    end(index, address, at);
    dials.at(index).is_abandoned = true;
    on_event();
  }
  void end(std::size_t index, const Address& address, Tick at) {
    CHECK(dials.at(index).address == address);
    CHECK(dials.at(index).ended == Tick{});
    CHECK(at >= dials.at(index).started);
    dials.at(index).ended = at;
    ++ended_at_result;
  }

  std::unique_ptr<Connecting> connect(TestLoop& loop, const std::vector<Address>& addresses) {
    auto connecting = connect_to(loop, addresses, {}, *this, [this](auto with) {
      CHECK_FALSE(result.has_value());
      CHECK(ended_at_result == dials.size());
      result.emplace(std::move(with));
    });
    CHECK(dials.empty());
    CHECK_FALSE(result.has_value());
    return connecting;
  }
  bool is_done() const { return result.has_value(); }
};

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
    Log log;
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
    Log log;
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
    Log log;
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
    Log log;
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
    Log log;
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
    Log log;
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
    Log log;
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
    Log log;
    const auto connecting = log.connect(loop, {Address::from_path("/no/such.sock").value()});
    loop.run_until([&log] { return log.is_done(); });
    CHECK(log.result->error() ==
          Error{Error::Code::connect_failed, Phase::connect,
                "connect unix:/no/such.sock: no such file or directory (ENOENT)"});
  }

  TEST_CASE("a connect destroyed in any stage tells nobody and leaks no handle") {
    TestLoop loop;
    const SilentAddress silent(kLoopback6);
    const RefusingAddress refusing(kLoopback6);
    ScriptedServer server(loop);
    Log log;
    std::unique_ptr<Connecting> connecting;
    std::size_t destroy_after = 0;  // events
    std::vector<Address> addresses{silent.address(), server.address()};
    SUBCASE("before the first dial") {}
    SUBCASE("inside the start of the first dial") {
      destroy_after = 1;
    }
    SUBCASE("inside the start of the second dial") {
      destroy_after = 2;
    }
    SUBCASE("inside the success of the second dial") {
      destroy_after = 3;
    }
    SUBCASE("inside the abandoning of the first dial") {
      destroy_after = 4;
    }
    SUBCASE("inside the failure of the first dial") {
      addresses[0] = refusing.address();
      destroy_after = 2;
    }
    std::size_t events = 0;
    log.on_event = [&] {
      if (++events == destroy_after) connecting.reset();
    };
    connecting = log.connect(loop, addresses);
    if (destroy_after == 0) connecting.reset();
    loop.run_until([&connecting] { return connecting == nullptr; });
    loop.spin(8);
    CHECK(events == destroy_after);
    CHECK_FALSE(log.is_done());
  }

  TEST_CASE("a connect that has failed is silent though it is kept") {
    TestLoop loop;
    const RefusingAddress first;
    const RefusingAddress second;
    Log log;
    const auto connecting = connect_to(loop, std::array{first.address(), second.address()},
                                       {.stagger = 20ms}, log, [&log](auto with) {
                                         CHECK_FALSE(log.result.has_value());
                                         log.result.emplace(std::move(with));
                                       });
    loop.run_until([&log] { return log.result.has_value(); });
    loop.loop().run();  // returns at once: nothing is waited for
    CHECK_FALSE(log.result->has_value());
  }

  TEST_CASE("a connect destroyed while a dial is silent closes its socket") {
    TestLoop loop;
    const SilentAddress silent;
    Log log;
    auto connecting = log.connect(loop, {silent.address()});
    loop.run_until([&log] { return log.dials.size() == 1; });
    connecting.reset();
    loop.loop().run();  // would not return while the dial is watched
    CHECK_FALSE(log.is_done());
    CHECK(log.dials[0].ended == Tick{});
  }

  TEST_CASE("the result may destroy the connect and the stream") {
    TestLoop loop;
    ScriptedServer server(loop);
    Log observer;
    std::unique_ptr<Connecting> connecting;
    bool was_called = false;
    connecting = connect_to(loop, std::array{server.address()}, {}, observer,
                            [&](Expected<std::unique_ptr<Stream>> result) {
                              was_called = true;
                              connecting.reset();
                              result.value().reset();
                            });
    loop.run_until([&was_called] { return was_called; });
    CHECK(connecting == nullptr);
  }
}

}  // namespace

}  // namespace xtrace
