#include <set>
#include <string>

#include <doctest/doctest.h>

#include <xtrace/client_trace.h>

#include "client/hook_table.h"

namespace xtrace::client_trace_test {

namespace {

/// `dns_start host=h`, an event a line.
std::function<void(const TraceEvent&)> write_to(std::string& out) {
  return [&out](const TraceEvent& event) {
    out += event.name;
    for (const TraceEvent::Field& field : event.fields) {
      out += ' ';
      out += field.name;
      out += '=';
      out += field.value;
    }
    out += '\n';
  };
}

}  // namespace

TEST_SUITE("client/client_trace") {
  TEST_CASE("composed hooks run newer first, then older") {
    std::string order;
    ClientTrace newer;
    newer.get_conn = [&order](std::string_view host_port) {
      order += "new " + std::string(host_port);
    };
    ClientTrace older;
    older.get_conn = [&order](std::string_view host_port) {
      order += ", old " + std::string(host_port);
    };
    ClientTrace::compose(newer, older).get_conn("h:80");
    CHECK(order == "new h:80, old h:80");
  }

  TEST_CASE("composing leaves both arguments as they were") {
    int newer_calls = 0;
    int older_calls = 0;
    ClientTrace newer;
    newer.wrote_headers = [&newer_calls] { ++newer_calls; };
    ClientTrace older;
    older.wrote_headers = [&older_calls] { ++older_calls; };
    const ClientTrace both = ClientTrace::compose(newer, older);
    newer.wrote_headers();
    CHECK(newer_calls == 1);
    CHECK(older_calls == 0);
    both.wrote_headers();
    CHECK(newer_calls == 2);
    CHECK(older_calls == 1);
  }

  TEST_CASE("a hook only one side has is taken as it is, and none stays none") {
    int calls = 0;
    ClientTrace one;
    one.dns_start = [&calls](std::string_view) { ++calls; };
    const ClientTrace as_newer = ClientTrace::compose(one, {});
    const ClientTrace as_older = ClientTrace::compose({}, one);
    as_newer.dns_start("a");
    as_older.dns_start("b");
    CHECK(calls == 2);
    CHECK_FALSE(static_cast<bool>(as_newer.get_conn));
  }

  TEST_CASE("composing and logging leave out no hook") {
    const ClientTrace logger = ClientTrace::to_logger([](const TraceEvent&) {});
    const ClientTrace composed = ClientTrace::compose({}, logger);
    std::set<std::string_view> names;
    for_each_hook([&logger, &composed, &names](const auto& hook) {
      CAPTURE(hook.name);
      CHECK(static_cast<bool>(logger.*hook.member));
      CHECK(static_cast<bool>(composed.*hook.member));
      CHECK(names.insert(hook.name).second);
    });
    CHECK(names.size() == sizeof(ClientTrace) / sizeof(std::function<void()>));
  }

  TEST_CASE("a logger without a sink sets no hook") {
    CHECK_FALSE(static_cast<bool>(ClientTrace::to_logger(nullptr).get_conn));
  }

  TEST_CASE("a logger is told each event by its hook's name with the fields as text") {
    std::string log;
    const ClientTrace trace = ClientTrace::to_logger(write_to(log));
    const Address four = Address::from_ipv4({192, 0, 2, 1}, 80);
    const Address six = Address::from_ip("2001:db8::5", 80).value();
    const Error refused{Error::Code::connect_refused, Phase::dial, "connect: refused"};
    const Address found[] = {six, four};
    trace.get_conn("h:80");
    trace.dns_done({.addresses = found, .coalesced = true});
    trace.connect_done("tcp4", four, &refused);
    trace.got_conn({.reused = true,
                    .was_idle = true,
                    .idle_time = std::chrono::microseconds(1500),
                    .local = four,
                    .remote = six});
    trace.put_idle_conn(nullptr);
    trace.retry_scheduled({.attempt = 2, .delay = std::chrono::milliseconds(3), .error = &refused});
    trace.race_started({.attempt = 1, .racing = 2, .after = std::chrono::milliseconds(50)});
    trace.attempt_redundant(0);
    CHECK(log ==
          "get_conn host=h:80\n"
          "dns_done addresses=2001:db8::5,192.0.2.1 coalesced=true\n"
          "connect_done network=tcp4 address=192.0.2.1:80 error=connect_refused "
          "message=connect: refused\n"
          "got_conn reused=true was_idle=true idle_ms=1.500 local=192.0.2.1:80 "
          "remote=[2001:db8::5]:80\n"
          "put_idle_conn\n"
          "retry_scheduled attempt=2 delay_ms=3.000 error=connect_refused "
          "message=connect: refused\n"
          "race_started attempt=1 racing=2 after_ms=50.000\n"
          "attempt_redundant attempt=0\n");
  }

  TEST_CASE("a logger tells neither header values nor query strings") {
    std::string log;
    const ClientTrace trace = ClientTrace::to_logger(write_to(log));
    trace.wrote_header_field("Authorization", "Bearer secret");
    trace.redirected(302, Url::parse("http://user:secret@h/a?token=secret").value());
    trace.got_1xx_response(103, {{"Link", "secret"}});
    CHECK(log ==
          "wrote_header_field name=Authorization\n"
          "redirected status=302 to=http://h/a\n"
          "got_1xx_response status=103\n");
  }

  TEST_CASE("a handshake is logged with what it agreed on, or with its error") {
    std::string log;
    const ClientTrace trace = ClientTrace::to_logger(write_to(log));
    const TlsInfo info{.version = "TLSv1.2", .cipher = "C", .resumed = true, .alpn = "http/1.1"};
    trace.tls_handshake_done(&info, nullptr);
    const Error closed{Error::Code::tls_closed, Phase::tls, "closed"};
    trace.tls_handshake_done(nullptr, &closed);
    CHECK(log ==
          "tls_handshake_done version=TLSv1.2 cipher=C resumed=true alpn=http/1.1 "
          "verified=false\n"
          "tls_handshake_done error=tls_closed message=closed\n");
  }
}

}  // namespace xtrace::client_trace_test
