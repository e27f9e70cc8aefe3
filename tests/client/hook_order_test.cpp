#include <algorithm>

#include "client_fixture.h"
#include "hook_record.h"
#include "support/listener.h"
#include "support/tls_certificates.h"
#include "support/tls_host.h"

namespace xtrace::hook_order_test {

using std::chrono::milliseconds;
using testing::ClientFixture;
using testing::Events;
using testing::record_into;

namespace {

constexpr auto kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

struct OrderFixture : ClientFixture {
  Events events;

  Request named(std::string_view scheme, const Address& address) {
    resolver.answers.insert_or_assign("named.test", Resolved{.addresses = {address}});
    return Request(
        Url::parse(std::string(scheme) + "://named.test:" + std::to_string(address.port()) + "/")
            .value());
  }

  const Exchange& record(Request what) {
    events.clear();
    options.trace = record_into(events);
    return exchange(std::move(what));
  }
};

}  // namespace

TEST_SUITE("client/hook_order") {
  TEST_CASE_FIXTURE(OrderFixture, "a new TLS connection, and its way into the pool") {
    testing::TlsHost host(loop, {.identity = testing::self_sign(
                                     {.common_name = "named.test", .dns_names = {"named.test"}})});
    host.answer(kOk, testing::TlsHost::End::open);
    config.tls.accept_any_certificate = true;
    record(named("https", host.address()));
    CHECK(events == Events{"get_conn", "dns_start named.test", "dns_done 1", "connect_start tcp4",
                           "connect_done tcp4", "tls_handshake_start", "tls_handshake_done",
                           "got_conn", "wrote_headers", "wrote_request", "got_first_response_byte",
                           "got_response_head 200", "put_idle_conn", "request_done"});
  }

  TEST_CASE_FIXTURE(OrderFixture, "a reused connection has nothing between get and got") {
    server.on_connection().expect_head().send(kOk).expect_head().send(kOk);
    get();
    record(request());
    CHECK(events == Events{"get_conn", "got_conn reused", "wrote_headers", "wrote_request",
                           "got_first_response_byte", "got_response_head 200", "put_idle_conn",
                           "request_done"});
  }

  TEST_CASE_FIXTURE(OrderFixture, "what is not to be kept is not told to be") {
    answer("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    record(request());
    CHECK(std::ranges::find(events, "put_idle_conn") == events.end());
    CHECK(events.back() == "request_done");
  }

  TEST_CASE_FIXTURE(OrderFixture, "a pool that will not keep it says why") {
    config.pool.lifetime = milliseconds(5);
    server.on_connection().expect_head().wait(milliseconds(10)).send(kOk);
    record(request());
    CHECK(std::ranges::find(events, "put_idle_conn client_closed") != events.end());
  }

  TEST_CASE_FIXTURE(OrderFixture, "of two dials that race, the loser is told before got_conn") {
    const testing::SilentAddress silent(Address::from_ipv4({127, 0, 0, 2}, server.port()));
    config.happy_eyeballs_delay = milliseconds(10);
    resolver.answers.emplace("raced.test",
                             Resolved{.addresses = {silent.address(), server.address()}});
    answer(kOk);
    record(Request(Url::parse("http://raced.test:" + std::to_string(server.port())).value()));
    const Events beginning(events.begin(), events.begin() + 8);
    CHECK(beginning == Events{"get_conn", "dns_start raced.test", "dns_done 2",
                              "connect_start tcp4", "connect_start tcp4", "connect_done tcp4",
                              "connect_done tcp4 cancelled", "got_conn"});
  }

  TEST_CASE_FIXTURE(OrderFixture, "a failure in the middle ends with request_done alone") {
    Events tail;
    SUBCASE("before a byte of the answer") {
      server.on_connection().expect_head().close();
      tail = {"got_conn", "wrote_headers", "wrote_request", "request_done failed"};
    }
    SUBCASE("in the head") {
      server.on_connection().expect_head().send("HTTP/1.1 2").close();
      tail = {"wrote_headers", "wrote_request", "got_first_response_byte", "request_done failed"};
    }
    SUBCASE("in the body") {
      server.on_connection()
          .expect_head()
          .send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab")
          .close();
      tail = {"wrote_request", "got_first_response_byte", "got_response_head 200",
              "request_done failed"};
    }
    record(request());
    REQUIRE(events.size() > tail.size());
    CHECK(Events(events.end() - static_cast<std::ptrdiff_t>(tail.size()), events.end()) == tail);
  }

  TEST_CASE_FIXTURE(OrderFixture, "a lookup that fails is told, and that no connection was had") {
    record(Request(Url::parse("http://unknown.test/").value()));
    CHECK(events == Events{"get_conn", "dns_start unknown.test", "dns_done 0 dns_not_found",
                           "got_conn_failed", "request_done failed"});
  }

  TEST_CASE_FIXTURE(OrderFixture, "a handshake that is cut is told to be over") {
    server.on_connection().expect_bytes(1).close();
    record(https_request());
    CHECK(events == Events{"get_conn", "connect_start tcp4", "connect_done tcp4",
                           "tls_handshake_start", "tls_handshake_done tls_closed",
                           "got_conn_failed", "request_done failed"});
  }
}

}  // namespace xtrace::hook_order_test
