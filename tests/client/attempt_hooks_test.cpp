#include <string>
#include <vector>

#include "client_fixture.h"
#include "hook_record.h"
#include "support/listener.h"

namespace xtrace::attempt_hooks_test {

using std::chrono::milliseconds;
using testing::ClientFixture;
using testing::Events;
using testing::record_into;

TEST_SUITE("client/attempt_hooks") {
  TEST_CASE_FIXTURE(ClientFixture, "the hooks of a new connection run in httptrace's order") {
    Events events;
    options.trace = record_into(events);
    resolver.answers.emplace("named.test", Resolved{.addresses = {server.address()}});
    answer("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    Request what(Url::parse("http://named.test:" + std::to_string(server.port()) + "/").value());
    what.headers.add("X-Test", "some value");
    exchange(std::move(what));
    CHECK(events == Events{"get_conn", "dns_start named.test", "dns_done 1", "connect_start tcp4",
                           "connect_done tcp4", "got_conn", "wrote_header_field some value",
                           "wrote_headers", "wrote_request", "got_first_response_byte",
                           "got_100_continue", "got_1xx_response 100", "got_response_head 200",
                           "put_idle_conn", "request_done"});
  }

  TEST_CASE_FIXTURE(ClientFixture,
                    "whoever was told of a beginning is told of its end when a lookup times out") {
    Events events;
    options.trace = record_into(events);
    resolver.silent.insert("silent.test");
    config.timeouts.dns = milliseconds(5);
    exchange(Request(Url::parse("http://silent.test/").value()));
    CHECK(events == Events{"get_conn", "dns_start silent.test", "dns_done 0 dns_timeout",
                           "got_conn_failed", "request_done failed"});
  }

  TEST_CASE_FIXTURE(ClientFixture, "a refused dial is told with its error") {
    Events events;
    options.trace = record_into(events);
    std::string origin;
    {
      const testing::ScriptedServer gone(loop);
      origin = gone.address().to_string();
    }
    exchange(Request(Url::parse("http://" + origin + "/").value()));
    CHECK(events == Events{"get_conn", "connect_start tcp4", "connect_done tcp4 connect_refused",
                           "got_conn_failed", "request_done failed"});
  }

  TEST_CASE_FIXTURE(ClientFixture,
                    "a timeout while waiting ends with the last hook and nothing after it") {
    Events events;
    options.trace = record_into(events);
    config.timeouts.response = milliseconds(5);
    server.on_connection().expect_head().silent();
    get();
    loop.spin(10);
    CHECK(events == Events{"get_conn", "connect_start tcp4", "connect_done tcp4", "got_conn",
                           "wrote_headers", "wrote_request", "request_done failed"});
  }

  TEST_CASE_FIXTURE(ClientFixture, "an upload that its answer made needless is told to be over") {
    Events events;
    options.trace = record_into(events);
    server.on_connection().expect_head().stop_reading().send(
        "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");
    Request what = request();
    what.method = "PUT";
    what.body.resize(8 * 1024 * 1024);
    exchange(std::move(what));
    CHECK(events == Events{"get_conn", "connect_start tcp4", "connect_done tcp4", "got_conn",
                           "wrote_headers", "got_first_response_byte", "got_response_head 413",
                           "wrote_request cancelled", "request_done"});
  }

  TEST_CASE_FIXTURE(ClientFixture, "every dial that was told to begin is told to end") {
    const testing::SilentAddress silent;
    int open = 0;
    int begun = 0;
    options.trace.connect_start = [&](std::string_view, const Address&) { ++open, ++begun; };
    options.trace.connect_done = [&](std::string_view, const Address& address, const Error*) {
      CHECK(address == silent.address());
      --open;
    };
    config.happy_eyeballs_delay = milliseconds(10);
    config.timeouts.connect = milliseconds(400);
    config.resolve.push_back(
        {.host = "*",
         .port = silent.address().port(),
         .addresses = std::vector<Address>(Timeline::kMaxDials + 2, silent.address())});
    exchange(
        Request(Url::parse("http://many.test:" + std::to_string(silent.address().port())).value()));
    CHECK(begun == Timeline::kMaxDials + 2);
    CHECK(open == 0);
  }

  TEST_CASE_FIXTURE(ClientFixture,
                    "a call given up before its first turn never looked for a connection") {
    Events events;
    options.trace = record_into(events);
    start(request());
    const Exchange done = abort();
    CHECK(done.error->phase == Phase::queue);
    CHECK(events == Events{"request_done failed"});
  }

  TEST_CASE_FIXTURE(ClientFixture, "no hook runs inside start") {
    Events events;
    options.trace = record_into(events);
    answer("HTTP/1.1 204 No Content\r\n\r\n");
    start(request());
    CHECK(events.empty());
    loop.run_until([this] { return result.has_value(); });
    CHECK(events.back() == "request_done");
  }
}

}  // namespace xtrace::attempt_hooks_test
