#include <chrono>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/client_metrics.h>

#include "client/client_fixture.h"
#include "support/recording_sink.h"
#include "support/tls_host.h"

namespace xtrace::testing::client_metrics_call_test {
namespace {

using std::chrono::milliseconds;

constexpr auto kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const std::string kToolkit = "toolkit.http.client.";

/// To the microsecond.
double in_milliseconds(Duration duration) {
  return std::round(std::chrono::duration<double, std::micro>(duration).count()) / 1000;
}

struct CallFixture : ClientFixture {
  RecordingSink sink;
  ClientMetrics metrics{sink, {.with_client_trace_metrics = true}};

  const Exchange& measure(Request what) {
    const std::string method = what.method;
    const Url url = what.url;
    const Exchange& done = exchange(std::move(what));
    metrics.record("shop", method, url, done);
    return done;
  }
  const Exchange& measure() { return measure(request()); }

  double value(const std::string& name, const std::string& tags) const {
    return sink.value(kToolkit + name + ".time{" + tags + ",target_id=shop}");
  }
  /// `request.time` of a GET.
  bool has_request(const std::string& reused, const std::string& status,
                   const std::string& status_class) const {
    return !sink.values(kToolkit + "request.time{method=GET,reused=" + reused +
                        ",status=" + status + ",status_class=" + status_class + ",target_id=shop}")
                .empty();
  }
  /// How many there are of a name, whatever the tags.
  std::size_t count(const std::string& name) const {
    std::size_t sum = 0;
    for (const std::string& key : sink.recorded(kToolkit + name + ".time{"))
      sum += sink.values(key).size();
    return sum;
  }
};

TEST_SUITE("instrument/client_metrics_call") {
  TEST_CASE_FIXTURE(CallFixture, "the moments of a request come in their order") {
    resolver.answers.emplace("named.test", Resolved{.addresses = {server.address()}});
    resolver.lookup_time = milliseconds(10);
    server.on_connection()
        .expect_head()
        .wait(milliseconds(20))
        .send("HTTP/1.1 200 OK\r\n")
        .wait(milliseconds(20))
        .send("Content-Length: 2\r\n\r\n")
        .wait(milliseconds(20))
        .send("ok");
    const std::string port = std::to_string(server.port());
    const Exchange& done = measure(Request(Url::parse("http://named.test:" + port + "/").value()));
    REQUIRE_FALSE(done.error.has_value());
    const double dns = value("dns", "status=ok");
    CHECK(dns >= 10);
    CHECK(value("tcp_connect", "status=ok") >= 0);
    const double got = value("got_connection", "reused=false");
    CHECK(got >= dns);
    const double written = value("request_written", "method=GET,reused=false,status=ok");
    CHECK(written >= got);
    const double first_byte = value("response_first_byte", "method=GET,reused=false");
    CHECK(first_byte >= written + 19);
    const std::string tags = "method=GET,reused=false,status=200,status_class=2xx";
    const double head = value("request", tags);
    CHECK(head >= first_byte + 19);
    CHECK(value("response_fully_read", tags) >= head + 19);
    CHECK(value("response_fully_read", tags) == in_milliseconds(done.timeline.total));
    CHECK(count("tls_handshake") == 0);
  }

  TEST_CASE_FIXTURE(CallFixture, "an interim response brings the first byte") {
    server.on_connection()
        .expect_head()
        .send("HTTP/1.1 103 Early Hints\r\n\r\n")
        .wait(milliseconds(30))
        .send(kOk);
    measure();
    CHECK(value("request", "method=GET,reused=false,status=200,status_class=2xx") >=
          value("response_first_byte", "method=GET,reused=false") + 29);
  }

  TEST_CASE_FIXTURE(CallFixture, "the second request reuses the connection of the first") {
    server.on_connection().expect_head().send(kOk).expect_head().send(kOk);
    measure();
    measure();
    CHECK(count("tcp_connect") == 1);
    CHECK(value("got_connection", "reused=false") >= value("tcp_connect", "status=ok"));
    CHECK(value("got_connection", "reused=true") >= 0);
    CHECK(has_request("false", "200", "2xx"));
    CHECK(has_request("true", "200", "2xx"));
  }

  TEST_CASE_FIXTURE(CallFixture, "the wait for a place in the pool is part of getting one") {
    config.pool.connections_per_host = 1;
    server.on_connection().expect_head().wait(milliseconds(40)).send(kOk).expect_head().send(kOk);
    bool is_first_done = false;
    CallState first(client(), request(), {}, [&is_first_done](Exchange) { is_first_done = true; });
    client().begin_later(first);
    measure();
    CHECK(is_first_done);
    CHECK(value("got_connection", "reused=true") >= 35);
    CHECK(count("tcp_connect") == 0);
  }

  TEST_CASE_FIXTURE(CallFixture, "a handshake over TLS is measured") {
    TlsHost host(loop, {.identity = self_sign({.common_name = "a", .addresses = {"127.0.0.1"}})});
    host.answer(kOk, TlsHost::End::open);
    const Url url = Url::parse("https://" + host.address().to_string() + "/").value();
    SUBCASE("one that succeeds") {
      config.tls.accept_any_certificate = true;
      measure(Request(url));
      CHECK(value("tls_handshake", "status=ok") > 0);
      CHECK(value("got_connection", "reused=false") >= value("tls_handshake", "status=ok"));
    }
    SUBCASE("one that fails, and the request with it") {
      measure(Request(url));
      CHECK(value("tls_handshake", "status=error") > 0);
      CHECK(value("tcp_connect", "status=ok") >= 0);
      CHECK(has_request("false", "error", "error"));
      CHECK(count("got_connection") == 0);
    }
  }

  TEST_CASE_FIXTURE(CallFixture, "a lookup has its status") {
    SUBCASE("error") {
      measure(Request(Url::parse("http://nobody.test/").value()));
      CHECK(value("dns", "status=error") >= 0);
      CHECK(has_request("false", "error", "error"));
    }
    SUBCASE("timeout") {
      resolver.silent.insert("silent.test");
      config.timeouts.dns = milliseconds(20);
      measure(Request(Url::parse("http://silent.test/").value()));
      CHECK(value("dns", "status=timeout") >= 19);
      CHECK(has_request("false", "timeout", "error"));
    }
    CHECK(count("tcp_connect") == 0);
    CHECK(count("request_written") == 0);
  }

  TEST_CASE_FIXTURE(CallFixture, "a refused dial is an error of the dial and of the request") {
    std::uint16_t port = 0;
    {
      ScriptedServer gone(loop);
      port = gone.port();
    }
    measure(Request(Url::parse("http://127.0.0.1:" + std::to_string(port) + "/").value()));
    CHECK(value("tcp_connect", "status=error") >= 0);
    CHECK(has_request("false", "error", "error"));
    CHECK(count("request") == 1);
    CHECK(count("response_fully_read") == 0);
  }

  TEST_CASE_FIXTURE(CallFixture, "an answer that does not come is a timeout") {
    config.timeouts.response = milliseconds(20);
    server.on_connection().expect_head().silent();
    measure();
    CHECK(value("request_written", "method=GET,reused=false,status=ok") >= 0);
    CHECK(value("request", "method=GET,reused=false,status=timeout,status_class=error") >= 19);
    CHECK(count("response_first_byte") == 0);
  }

  TEST_CASE_FIXTURE(CallFixture, "a body that is cut has the answer's status and its own") {
    answer("HTTP/1.1 503 Busy\r\nContent-Length: 9\r\n\r\nhal");
    measure();
    CHECK(has_request("false", "503", "5xx"));
    CHECK(value("response_fully_read", "method=GET,reused=false,status=error,status_class=error") >
          0);
  }

  TEST_CASE_FIXTURE(CallFixture, "a redirect is two requests") {
    server.on_connection()
        .expect_head()
        .send("HTTP/1.1 303 See Other\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n")
        .expect_head()
        .send(kOk);
    Request post = request();
    post.method = "POST";
    post.body = "x=1";
    measure(std::move(post));
    CHECK(count("request") == 2);
    CHECK(value("request", "method=POST,reused=false,status=303,status_class=3xx") > 0);
    CHECK(has_request("true", "200", "2xx"));
  }

  TEST_CASE_FIXTURE(CallFixture, "a request that is sent again is measured twice") {
    server.on_connection().expect_head().send(kOk).expect_head().close();
    server.on_connection().expect_head().send(kOk);
    get();
    measure();
    CHECK(count("request") == 2);
    CHECK(has_request("true", "error", "error"));
    CHECK(has_request("false", "200", "2xx"));
    CHECK(count("response_fully_read") == 1);
  }

  TEST_CASE_FIXTURE(CallFixture, "a cancelled request leaves no time behind that did not pass") {
    server.on_connection().expect_head().silent();
    start(request());
    loop.run_until([this] { return !server.received().empty(); });
    metrics.record("shop", "GET", request().url, abort());
    CHECK(count("got_connection") == 1);
    CHECK(count("request") == 0);
    CHECK(sink.value("xtrace.requests.abandoned{reason=cancelled,target_id=shop}") == 1);
  }
}

}  // namespace
}  // namespace xtrace::testing::client_metrics_call_test
