#include <algorithm>
#include <string>

#include "server_fixture.h"
#include "support/fake_source.h"

namespace xtrace::server_body_test {

using testing::body_of;
using testing::count_of;
using testing::FakeSource;
using testing::FakeSourceState;
using testing::patterned;
using testing::RawClient;
using testing::ServerFixture;

namespace {

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

std::string post(std::size_t length, std::string_view more = "") {
  return "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(length) + "\r\n" +
         std::string(more) + "\r\n";
}

/// Reads bodies as the test says.
struct BodyFixture : ServerFixture {
  std::optional<ServerCall> call;
  std::string body;
  std::optional<Error> failure;
  bool is_over = false;
  bool pauses = false;  ///< After each piece.

  BodyFixture() {
    handler = [this](ServerCall incoming) {
      note_end(incoming);
      call = std::move(incoming);
    };
  }
  void read() {
    call->read_body([this](const Expected<std::span<const std::byte>>& piece) {
      if (const Error* error = piece.if_error()) failure = *error;
      is_over = !piece || piece->empty();
      if (piece) body.append(reinterpret_cast<const char*>(piece->data()), piece->size());
      return pauses ? Flow::pause : Flow::proceed;
    });
  }
  void until_called() {
    until([this] { return call.has_value(); });
  }
  void until_over() {
    until([this] { return is_over; });
  }
  void answer() {
    call->respond(200, "text/plain", "hello\n");
    call.reset();
  }
};

}  // namespace

TEST_SUITE("http/server_body") {
  TEST_CASE_FIXTURE(BodyFixture, "a body comes in pieces, whole and once, and then its end") {
    const std::string sent = patterned(300'000);
    RawClient client = connect();
    std::size_t at = client.send(post(sent.size()));
    until_called();
    read();
    CHECK_FALSE(is_over);  // nothing runs from inside
    at = 0;
    until([&] {
      at += client.send(std::string_view(sent).substr(at));
      return is_over;
    });
    CHECK(body == sent);
    CHECK_FALSE(failure.has_value());
    answer();
    until_received(client, "hello\n");
    until([this] { return !ends.empty(); });
    CHECK(ends.front().request_body_bytes == sent.size());
    client.send(kGet);
    until_called();
    read();
    until_over();
    CHECK(body.size() == sent.size());
    answer();
    until([&] { return server->stats().answered == 2; });
  }

  TEST_CASE_FIXTURE(BodyFixture, "a reader that pauses stops the client, and loses nothing") {
    const std::string sent = patterned(20'000'000);
    config.limits.body_bytes = sent.size();
    pauses = true;
    RawClient client = connect();
    client.send(post(sent.size()));
    until_called();
    read();
    std::size_t at = 0;
    int idle_turns = 0;
    until([&] {  // the kernel's buffers fill, and then nothing moves
      const std::size_t more = client.send(std::string_view(sent).substr(at));
      at += more;
      idle_turns = more == 0 ? idle_turns + 1 : 0;
      return idle_turns > 50;
    });
    CHECK(at < sent.size());
    CHECK(body.size() <= 65536);
    pauses = false;
    call->resume();
    until([&] {
      at += client.send(std::string_view(sent).substr(at));
      return is_over;
    });
    CHECK(body == sent);
  }

  TEST_CASE_FIXTURE(BodyFixture, "a body is asked for with 100 Continue when it is read") {
    RawClient client = connect();
    client.send(post(4, "Expect: 100-continue\r\n"));
    until_called();
    client.take();
    CHECK(client.received.empty());
    read();
    until_received(client, "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("ping");
    until_over();
    CHECK(body == "ping");
    answer();
    until_received(client, "hello\n");
    CHECK(count_of(client.received, "100 Continue") == 1);
    CHECK_FALSE(client.is_ended);
  }

  TEST_CASE_FIXTURE(BodyFixture, "a body that is never asked for ends the connection") {
    RawClient client = connect();
    client.send(post(4, "Expect: 100-continue\r\n"));
    until_called();
    answer();
    until_ended(client);
    CHECK(client.received.starts_with("HTTP/1.1 200 OK"));
    CHECK_FALSE(client.is_reset);
  }

  TEST_CASE_FIXTURE(BodyFixture, "the rest of a body that nobody read is passed over, if short") {
    RawClient client = connect();
    client.send(post(100'000));
    until_called();
    answer();
    until_received(client, "hello\n");
    call.reset();
    client.send(patterned(100'000) + std::string(kGet));
    until_called();
    answer();
    until([&] {
      client.take();
      return count_of(client.received, "hello\n") == 2;
    });
    CHECK_FALSE(client.is_ended);
  }

  TEST_CASE_FIXTURE(BodyFixture, "a long body that nobody reads: answered, and then closed") {
    RawClient client = connect();
    client.send(post(10'000'000) + patterned(50'000));
    until_called();
    answer();
    until_ended(client);
    CHECK_FALSE(client.is_reset);
    CHECK(body_of(client.received) == "hello\n");
  }

  TEST_CASE_FIXTURE(BodyFixture,
                    "a body past the limit is 413, whoever reads it and however it comes") {
    config.limits.body_bytes = 1000;
    RawClient client = connect();
    SUBCASE("announced") {
      client.send(post(1001));
    }
    SUBCASE("in chunks") {
      client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
      client.send("3e8\r\n" + patterned(1000) + "\r\n1\r\nx\r\n0\r\n\r\n");
    }
    until_called();
    read();
    until_over();
    REQUIRE(failure.has_value());
    CHECK(failure->code == Error::Code::body_too_large);
    CHECK(failure->message.find("1000") != std::string::npos);
    CHECK_FALSE(call->is_open());
    until_ended(client);
    CHECK(client.received.starts_with("HTTP/1.1 413 Content Too Large\r\n"));
    CHECK_FALSE(client.is_reset);
    CHECK(end_code() == Error::Code::body_too_large);
    CHECK(ends.front().status == 413);
    CHECK(server->stats().refused == 1);
  }

  TEST_CASE_FIXTURE(BodyFixture, "a call may allow its body more") {
    config.limits.body_bytes = 1;
    RawClient client = connect();
    client.send(post(50'000) + patterned(50'000));
    until_called();
    call->set_body_limit(50'000);
    read();
    until_over();
    CHECK(body == patterned(50'000));
  }

  TEST_CASE_FIXTURE(BodyFixture, "a chunk that breaks the rules fails the body and closes") {
    RawClient client = connect();
    client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcX");
    until_called();
    SUBCASE("before an answer it is 400") {
      read();
      until_over();
      CHECK(failure->code == Error::Code::request_invalid);
      CHECK(body == "abc");
      until_ended(client);
      CHECK(client.received.starts_with("HTTP/1.1 400 Bad Request\r\n"));
      CHECK(end_code() == Error::Code::request_invalid);
    }
    SUBCASE("behind an answer it is the end") {
      answer();
      until_ended(client);
      CHECK(body_of(client.received) == "hello\n");
    }
    CHECK(server->stats().refused == 1);
  }

  TEST_CASE_FIXTURE(BodyFixture, "whoever reads a body learns that it is cut") {
    RawClient client = connect();
    client.send(post(10) + "abc");
    until_called();
    read();
    until([this] { return body == "abc"; });
    SUBCASE("by the end of the client's side") {
      client.end();
    }
    SUBCASE("by a close") {
      client.close();
    }
    SUBCASE("by a reset") {
      client.reset();
    }
    until_over();
    REQUIRE(failure.has_value());
    CHECK(failure->code == Error::Code::peer_left);
    CHECK(end_code() == Error::Code::peer_left);
    CHECK(ends.front().request_body_bytes == 3);
    CHECK_FALSE(call->is_open());
    CHECK(server->stats().peer_left == 1);
  }

  TEST_CASE_FIXTURE(BodyFixture,
                    "an answer before the body's end tells the reader that it is over") {
    RawClient client = connect();
    client.send(post(10) + "abc");
    until_called();
    read();
    until([this] { return body == "abc"; });
    answer();
    until_over();
    REQUIRE(failure.has_value());
    CHECK(failure->code == Error::Code::cancelled);
    client.send("defghij");
    client.send(kGet);
    until_called();
  }

  TEST_CASE_FIXTURE(BodyFixture,
                    "bytes are echoed while they come, and a slow taker slows it all") {
    FakeSourceState echo;
    handler = [&](ServerCall incoming) {
      call = std::move(incoming);
      call->read_body([&](const Expected<std::span<const std::byte>>& piece) {
        body.append(reinterpret_cast<const char*>(piece->data()), piece->size());
        const std::string copy(reinterpret_cast<const char*>(piece->data()), piece->size());
        if (echo.on_read) {
          echo.give(copy);
        } else {
          echo.ready.push_back(copy);
        }
        return Flow::proceed;
      });
      call->respond({.source = std::make_unique<FakeSource>(echo)});
    };
    RawClient client = connect();
    client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (const std::string text : {"one", "two", "three"}) {
      client.send("5\r\n" + (text + "..").substr(0, 5) + "\r\n");
      until_received(client, "5\r\n" + (text + "..").substr(0, 5) + "\r\n");
    }
    client.send("0\r\n\r\n");
    until_received(client, "\r\n0\r\n\r\n");
    CHECK(body == "one..two..three");
    until([&] { return server->stats().answered == 1; });
  }
}

}  // namespace xtrace::server_body_test
