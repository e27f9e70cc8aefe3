#pragma once

/// What tests of failures share: a fault, and a fixture that judges what became of a call.

#include <chrono>
#include <string>

#include "many_calls.h"

namespace xtrace::testing {

/// What goes wrong with one exchange, behind the head of its request.
struct Fault {
  const char* name;
  void (*happen)(Script& script);
  Error::Code code;
  Phase phase;
  CloseReason reason = CloseReason::error;
};

struct FaultFixture : ManyCalls {
  FaultFixture() { config.pool.connections_per_host = 1; }

  void limit_time() {
    config.timeouts.response = std::chrono::milliseconds(20);
    config.timeouts.idle = std::chrono::milliseconds(60);
  }

  void check_fault(int id, Error::Code code, Phase phase) {
    REQUIRE(ends.contains(id));
    const Exchange& exchange = ends.at(id);
    REQUIRE(exchange.error.has_value());
    CHECK(exchange.error->code == code);
    CHECK(exchange.error->phase == phase);
    REQUIRE(exchange.timeline.find(phase) != nullptr);
    CHECK(exchange.timeline.find(phase)->outcome != Outcome::ok);
    CHECK(exchange.timeline.error == exchange.error);
  }
  void check_ok(int id) {
    REQUIRE(ends.contains(id));
    CHECK_FALSE(ends.at(id).error.has_value());
  }

  Request named_request() const {
    return Request(Url::parse("http://named.test:" + std::to_string(server.port()) + "/").value());
  }

  Request upload() const {
    Request put = request();
    put.method = "PUT";
    put.body.resize(8 * 1024 * 1024);  // more than loopback's socket buffers hold
    return put;
  }
};

}  // namespace xtrace::testing
