#include <array>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "dial_log.h"
#include "net/connector.h"
#include "support/listener.h"
#include "support/scripted_server.h"
#include "support/test_loop.h"

namespace xtrace::connector_cancel_test {

using namespace std::chrono_literals;
using testing::DialLog;
using testing::RefusingAddress;
using testing::ScriptedServer;
using testing::SilentAddress;
using testing::TestLoop;

TEST_SUITE("net/connector_cancel") {
  TEST_CASE("a connect destroyed in any stage tells nobody and leaks no handle") {
    TestLoop loop;
    const SilentAddress silent(Address::from_ip("::1", 0).value());
    const RefusingAddress refusing(Address::from_ip("::1", 0).value());
    ScriptedServer server(loop);
    DialLog log;
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
    DialLog log;
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
    DialLog log;
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
    DialLog observer;
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

}  // namespace xtrace::connector_cancel_test
