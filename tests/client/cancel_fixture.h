#pragma once

/// `CancelFixture` brings a call into any phase there is and can say when it is there: for tests
/// that give it up in that phase.

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "hook_record.h"
#include "many_calls.h"

namespace xtrace::testing {

/// Call 1 is the victim; whoever waits behind it is up to the test.
struct CancelFixture : ManyCalls {
  ScriptedServer other{loop};  ///< Of bystanders.
  bool is_there = false;       ///< The victim has reached its phase.
  Events told;                 ///< What the victim's hooks said.

  CancelFixture() { config.pool.connections_per_host = 1; }

  /// A request to the server by a name that has to be looked up.
  Request named_request() {
    resolver.answers.emplace("named.test", Resolved{{server.address()}});
    return Request(Url::parse("http://named.test:" + std::to_string(server.port()) + "/").value());
  }

  void launch_victim(Request what, CallOptions with = {}) {
    with.trace = ClientTrace::compose(record_into(told), std::move(with.trace));
    launch(1, std::move(what), std::move(with));
  }
  void reach() {
    loop.run_until([this] { return is_there; });
  }
  void reach(std::function<bool()> there) {
    loop.run_until([there = std::move(there)] { return there(); });
  }
};

/// A phase and how a victim gets there.
struct Station {
  const char* name;
  void (*reach)(CancelFixture& test);
};

namespace stations {

inline CallOptions noting(CancelFixture& test, std::function<void()> ClientTrace::*hook) {
  CallOptions with;
  with.trace.*hook = [&test] { test.is_there = true; };
  return with;
}

inline void before_first_turn(CancelFixture& test) {
  test.launch_victim(test.request());
}

inline void in_queue(CancelFixture& test) {
  test.server.on_connection().expect_head().silent();
  test.launch(2, test.request());
  test.launch_victim(test.request());
  test.reach([&test] { return test.counts().active == 1 && test.counts().waiting == 1; });
}

inline void in_dns(CancelFixture& test) {
  test.resolver.silent.insert("named.test");
  test.launch_victim(test.named_request());
  test.reach([&test] { return !test.resolver.asked.empty(); });
}

inline void in_dial(CancelFixture& test) {
  CallOptions with;
  with.trace.connect_start = [&test](std::string_view, const Address&) { test.is_there = true; };
  test.launch_victim(test.request(), std::move(with));
  test.reach();
}

inline void in_tls(CancelFixture& test) {
  test.server.on_connection().silent();
  test.launch_victim(test.https_request());
  test.reach([&test] { return !test.server.received().empty(); });
}

inline void in_proxy(CancelFixture& test) {
  test.config.proxy = ProxyConfig{.http = "socks5h://" + test.server.address().to_string()};
  test.server.on_connection().expect_bytes(3).silent();
  test.launch_victim(Request(Url::parse("http://far.test/").value()));
  test.reach([&test] { return test.server.received().size() == 3; });
}

inline Request upload(CancelFixture& test) {
  Request put = test.request();
  put.method = "PUT";
  put.body.resize(8 * 1024 * 1024);  // more than loopback's socket buffers hold
  return put;
}

inline void in_request(CancelFixture& test) {
  test.server.on_connection().expect_head().stop_reading();
  test.launch_victim(upload(test));
  test.reach([&test] { return !test.server.received().empty(); });
}

inline void in_continue_wait(CancelFixture& test) {
  Request put = upload(test);
  put.headers.add("Expect", "100-continue");
  test.server.on_connection().expect_head().silent();
  test.launch_victim(std::move(put), noting(test, &ClientTrace::wait_100_continue));
  test.reach();
}

inline void in_response(CancelFixture& test) {
  test.server.on_connection().expect_head().silent();
  test.launch_victim(test.request());
  test.reach([&test] { return test.server.received().ends_with("\r\n\r\n"); });
}

inline void in_head(CancelFixture& test) {
  test.server.on_connection().expect_head().send("HTTP/1.1 200 OK\r\nX-").silent();
  test.launch_victim(test.request(), noting(test, &ClientTrace::got_first_response_byte));
  test.reach();
}

inline void in_body(CancelFixture& test) {
  CallOptions with;
  with.trace.got_response_head = [&test](const Response&) { test.is_there = true; };
  test.server.on_connection().expect_head().send(
      "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
  test.launch_victim(test.request(), std::move(with));
  test.reach();
}

inline void paused(CancelFixture& test) {
  CallOptions with;
  with.on_body = [&test](std::span<const std::byte>) -> Expected<Flow> {
    test.is_there = true;
    return Flow::pause;
  };
  test.server.on_connection().expect_head().send(
      "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
  test.launch_victim(test.request(), std::move(with));
  test.reach();
}

/// Its connection is free already, its consumer has not taken all.
inline void delivering(CancelFixture& test) {
  CallOptions with;
  with.on_body = [](std::span<const std::byte>) -> Expected<Flow> { return Flow::pause; };
  test.server.on_connection()
      .expect_head()
      .send("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf")
      .turn()
      .send("rest");
  test.launch_victim(test.request(), std::move(with));
  test.reach([&test] { return test.counts().active == 1; });
  test.loop.spin(8);
}

inline void on_second_leg(CancelFixture& test) {
  test.server.on_connection()
      .expect_head()
      .send("HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n")
      .expect_head()
      .silent();
  test.launch_victim(test.request());
  test.reach([&test] { return test.server.received().find("GET /next") != std::string::npos; });
}

inline void after_its_end(CancelFixture& test) {
  ManyCalls::answer_always(test.server);
  test.launch_victim(test.request());
  test.wait_for(1);
}

}  // namespace stations

inline constexpr Station kStations[] = {
    {"before its first turn", stations::before_first_turn},
    {"in the queue", stations::in_queue},
    {"in the lookup", stations::in_dns},
    {"in the dial", stations::in_dial},
    {"in the handshake", stations::in_tls},
    {"in the tunnel", stations::in_proxy},
    {"in the upload", stations::in_request},
    {"in the wait for 100 Continue", stations::in_continue_wait},
    {"in the wait", stations::in_response},
    {"in the head", stations::in_head},
    {"in the body", stations::in_body},
    {"in a paused body", stations::paused},
    {"in a body whose end has come", stations::delivering},
    {"on the second leg of a redirect", stations::on_second_leg},
    {"after its end", stations::after_its_end},
};

}  // namespace xtrace::testing
