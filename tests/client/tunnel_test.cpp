#include "client/tunnel.h"

#include <string>

#include <doctest/doctest.h>

#include "net/socket_fixture.h"
#include "support/scripted_server.h"
#include "tunnel_fixture.h"

namespace tunnel_test {

using namespace xtrace;
using namespace std::string_literals;
using testing::TunnelFixture;

namespace {

constexpr std::string_view kOpen = "HTTP/1.1 200 OK\r\n\r\n";

struct ConnectFixture : TunnelFixture {
  ConnectFixture() : TunnelFixture(Proxy::Kind::http) {}

  // A tunnel whose first bytes came behind the proxy's answer.
  void open_with(std::string_view first) {
    open();
    heard();
    say(std::string(kOpen) + std::string(first));
    REQUIRE(is_open());
  }
};

}  // namespace

TEST_SUITE("client/tunnel") {
  TEST_CASE("a tunnel opens over real sockets, byte by byte") {
    testing::TestLoop loop;
    testing::ScriptedServer server(loop);
    TunnelRequest request{.proxy = {}, .host = "far.test", .port = 443};
    std::string sent;
    SUBCASE("with CONNECT") {
      request.proxy.kind = Proxy::Kind::http;
      server.on_connection()
          .expect_head()
          .send_split(std::string(kOpen) + "hello")
          .expect("bye")
          .half_close();
    }
    SUBCASE("with SOCKS5") {
      request.proxy = {.kind = Proxy::Kind::socks5h, .user = "ann", .password = "pw"};
      server.on_connection()
          .expect_bytes(4)
          .send_split("\x05\x02"s)
          .expect_bytes(8)
          .send_split("\x01\x00"s)
          .expect_bytes(15)
          .send_split("\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00hello"s)
          .expect("bye")
          .half_close();
    }
    std::unique_ptr<Stream> tunnel;
    const auto tunnelling = open_tunnel(loop, testing::connected(loop, server.address()), request,
                                        [&tunnel](auto result) {
                                          REQUIRE(result.has_value());
                                          tunnel = std::move(result).value();
                                        });
    loop.run_until([&tunnel] { return tunnel != nullptr; });
    CHECK(tunnel->remote_address() == server.address());
    testing::Reader reader;
    reader.read(*tunnel);
    loop.run_until([&reader] { return reader.text == "hello"; });
    testing::Writer writer;
    writer.write(*tunnel, "bye");
    loop.run_until([&reader] { return reader.ended; });
    CHECK(server.received().ends_with("bye"));
  }

  TEST_CASE_FIXTURE(ConnectFixture, "bytes behind the answer are the first of the tunnel") {
    open_with("first");
    std::string text;
    read(text);
    CHECK(text.empty());
    loop.spin();
    CHECK(text == "first");
    proxy->deliver("second");
    CHECK(text == "firstsecond");
    proxy->deliver_end();
    CHECK(text == "firstsecond<end>");
  }

  TEST_CASE_FIXTURE(ConnectFixture, "a tunnel without early bytes is the stream itself") {
    open_with("");
    CHECK((*result)->get() == proxy);
    std::string text;
    read(text);
    proxy->deliver("x");
    CHECK(text == "x");
  }

  TEST_CASE_FIXTURE(ConnectFixture,
                    "a reader that pauses on the early bytes gets more when it resumes") {
    open_with("first");
    Stream& stream = ***result;
    std::string text;
    Flow answer = Flow::pause;
    bool resumes_inside = false;
    SUBCASE("later") {}
    SUBCASE("from inside") {
      resumes_inside = true;
    }
    stream.start_reading([&](Expected<std::span<const std::byte>> piece) {
      text.append(reinterpret_cast<const char*>(piece->data()), piece->size());
      if (resumes_inside) stream.resume();
      return answer;
    });
    loop.spin();
    CHECK(text == "first");
    CHECK(proxy->is_reading == resumes_inside);
    if (!resumes_inside) stream.resume();
    REQUIRE(proxy->is_reading);
    resumes_inside = false;
    proxy->deliver("second");
    CHECK(text == "firstsecond");
    CHECK_FALSE(proxy->is_reading);
    stream.resume();
    CHECK(proxy->is_reading);
  }

  TEST_CASE_FIXTURE(ConnectFixture, "a reader may give way to another inside the early bytes") {
    open_with("first");
    Stream& stream = ***result;
    std::string text;
    stream.start_reading([&](Expected<std::span<const std::byte>> piece) {
      CHECK(piece->size() == 5);
      read(text);
      return Flow::pause;
    });
    loop.spin();
    proxy->deliver("second");
    CHECK(text == "second");
  }

  TEST_CASE_FIXTURE(ConnectFixture, "a reader may end the tunnel inside the early bytes") {
    open_with("first");
    (**result)->start_reading([&](Expected<std::span<const std::byte>> piece) {
      result.reset();
      CHECK(piece->size() == 5);
      return Flow::proceed;
    });
    loop.spin();
    CHECK(proxy == nullptr);
  }

  TEST_CASE_FIXTURE(ConnectFixture, "early bytes that nobody reads go with the tunnel") {
    open_with("first");
    std::string text;
    read(text);
    result.reset();
    loop.spin();
    CHECK(text.empty());
  }

  TEST_CASE_FIXTURE(ConnectFixture, "a tunnel with early bytes writes through") {
    open_with("first");
    Stream& stream = ***result;
    testing::Writer writer;
    writer.write(stream, "request");
    proxy->accept(3);
    CHECK(stream.bytes_accepted() == 3);
    CHECK(stream.accepted_at() == proxy->last_accept);
    proxy->accept_all();
    CHECK(writer.is_done());
    stream.keep_loop_alive(false);
    CHECK_FALSE(proxy->keeps_loop_alive);
    CHECK(stream.local_address() == proxy->local);
    CHECK(stream.remote_address() == proxy->remote);
  }

  TEST_CASE_FIXTURE(ConnectFixture, "a tunnel opens only when our last word is written") {
    open();
    proxy->accept(5);
    say(kOpen);
    CHECK_FALSE(result.has_value());
    CHECK_FALSE(proxy->is_reading);
    proxy->accept_all();
    CHECK(is_open());
  }

  TEST_CASE_FIXTURE(ConnectFixture, "a proxy that refuses before we have finished has refused") {
    open();
    proxy->accept(5);
    say("HTTP/1.1 400 Bad Request\r\n\r\n");
    CHECK(error().code == Error::Code::proxy_refused);
  }

  TEST_CASE_FIXTURE(ConnectFixture, "a connection that breaks is the proxy's failure") {
    open();
    SUBCASE("while we speak") {
      proxy->fail_write({Error::Code::send_failed, Phase::request, "write to it: gone"});
      CHECK(error().message == "proxy http://proxy.test:3128: write to it: gone");
    }
    SUBCASE("while we listen") {
      heard();
      proxy->deliver_error({Error::Code::receive_failed, Phase::response, "read from it: gone"});
      CHECK(error().message == "proxy http://proxy.test:3128: read from it: gone");
    }
    CHECK(error().code == Error::Code::proxy_failed);
  }

  TEST_CASE("destroying a tunnelling closes the connection and runs no callback") {
    TunnelFixture fixture(Proxy::Kind::socks5);
    SUBCASE("before anything is sent") {
      fixture.open();
    }
    SUBCASE("while the greeting waits for its answer") {
      fixture.open();
      fixture.heard();
    }
    SUBCASE("inside an answer") {
      fixture.open();
      fixture.heard();
      fixture.say("\x05");
    }
    SUBCASE("with an error that is to be told on the next turn") {
      fixture.request.host.clear();
      fixture.open();
    }
    SUBCASE("with an answer that waits for our last word") {
      fixture.open();
      fixture.say("\x05\x00\x05\x00\x00\x01\x7f\x00\x00\x01\x1f\x90"s);
    }
    REQUIRE(fixture.proxy != nullptr);
    fixture.tunnelling.reset();
    CHECK(fixture.proxy == nullptr);
    fixture.loop.spin();
    CHECK(fixture.results == 0);
  }

  TEST_CASE_FIXTURE(ConnectFixture, "the callback may destroy the tunnelling") {
    auto stream = std::make_unique<testing::FakeStream>();
    testing::FakeStream* end = stream.get();
    std::optional<bool> opened;
    tunnelling = open_tunnel(loop, std::move(stream), request, [this, &opened](auto done) {
      tunnelling.reset();
      opened = done.has_value();
    });
    end->accept_all();
    SUBCASE("when it is open") {
      end->deliver(kOpen);
      CHECK(opened == true);
    }
    SUBCASE("when it has failed") {
      end->deliver_end();
      CHECK(opened == false);
    }
  }
}

}  // namespace tunnel_test
