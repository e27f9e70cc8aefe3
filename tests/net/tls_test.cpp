#include <algorithm>
#include <vector>

#include "net/socket_fixture.h"
#include "net/tls_fixture.h"
#include "net/tls_library.h"

namespace xtrace::testing::tls_test {

namespace {

std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint32_t state = 1;
  for (char& byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

}  // namespace

TEST_SUITE("net/tls") {
  TEST_CASE("a handshake tells what was agreed on") {
    TlsPair pair;
    pair.shake();
    CHECK(pair.info.version.starts_with("TLSv1."));
    CHECK(pair.info.cipher.starts_with("TLS_"));
    CHECK(pair.info.cipher.find('-') == std::string::npos);
    CHECK(pair.info.alpn == "http/1.1");
    CHECK(pair.info.verified);
    CHECK_FALSE(pair.info.resumed);
    CHECK(pair.info.peer_subject == "CN=api.example.com, O=xtrace tests");
    CHECK(pair.info.peer_issuer == "CN=Test CA, O=xtrace tests");
    using namespace std::chrono;
    CHECK(pair.info.peer_not_before == WallTime(sys_days(2020y / January / 1)));
    CHECK(pair.info.peer_not_after ==
          WallTime(sys_days(2099y / December / 31) + 23h + 59min + 59s));
    CHECK(pair.server.server_name == "api.example.com");
  }

  TEST_CASE("a certificate without end lasts as long as the clock") {
    const Identity for_ever = issue({.common_name = "api.example.com",
                                     .dns_names = {"api.example.com"},
                                     .not_after = "99991231235959"},
                                    test_ca());
    TlsPair pair({.identity = for_ever});
    pair.shake();
    CHECK(pair.info.peer_not_after > WallTime::max() - std::chrono::seconds(1));
  }

  TEST_CASE("a server without ALPN leaves the protocol empty") {
    TlsPair pair({.identity = good_identity(), .protocols = {}});
    pair.shake();
    CHECK(pair.info.alpn.empty());
  }

  TEST_CASE("a handshake succeeds when every byte arrives alone") {
    TlsPair pair;
    pair.most_at_once = 1;
    pair.shake();
    Reader reader;
    reader.read(*pair.stream);
    pair.server.send("hello");
    pair.carry_until([&reader] { return reader.text == "hello"; });
  }

  TEST_CASE("server_name is sent and checked instead of host") {
    TlsPair pair;
    pair.start(context_trusting(test_ca().certificate),
               {.host = "other.example", .server_name = "api.example.com"});
    pair.carry_until([&pair] { return pair.is_done(); });
    CHECK_FALSE(pair.error.has_value());
    CHECK(pair.server.server_name == "api.example.com");
  }

  TEST_CASE("data passes both ways") {
    TlsPair pair;
    pair.shake();
    Reader reader;
    reader.read(*pair.stream);
    Writer writer;
    writer.write(*pair.stream, "a question");
    pair.carry_until([&pair] { return pair.server.received == "a question"; });
    pair.server.send("an answer");
    pair.carry_until([&reader] { return reader.text == "an answer"; });
    pair.carry_until([&writer] { return writer.is_done(); });
    CHECK(writer.result->has_value());
  }

  TEST_CASE("five megabytes pass both ways at once") {
    const std::string up = pattern(5'000'000);
    const std::string down = pattern(5'000'001);
    TlsPair pair;
    pair.shake();
    pair.most_at_once = 60'000;
    Reader reader;
    reader.read(*pair.stream);
    pair.server.send(down);
    Writer writer;
    writer.write(*pair.stream, up);
    pair.carry_until([&] { return writer.is_done() && reader.text.size() == down.size(); });
    pair.carry_until([&] { return pair.server.received.size() == up.size(); });
    CHECK(pair.server.received == up);
    CHECK(reader.text == down);
  }

  TEST_CASE("a large write is encrypted piece by piece and counts what the kernel took") {
    const std::string up = pattern(5'000'000);
    TlsPair pair;
    pair.shake();
    Writer writer;
    writer.write(*pair.stream, up);
    CHECK(pair.stream->bytes_accepted() == 0);
    std::size_t before = 0;
    while (!writer.is_done()) {
      REQUIRE(pair.inner->pending.size() <= 70'000);
      pair.inner->accept(10'000);
      REQUIRE(pair.stream->bytes_accepted() >= before);
      REQUIRE(pair.stream->bytes_accepted() <= pair.inner->written.size());
      before = pair.stream->bytes_accepted();
    }
    CHECK(pair.stream->bytes_accepted() == up.size());
    CHECK(pair.stream->accepted_at() == pair.inner->accepted_at());
  }

  TEST_CASE("an empty write is done on a later turn") {
    TlsPair pair;
    pair.shake();
    Writer writer;
    writer.write(*pair.stream, "");
    CHECK_FALSE(writer.is_done());
    pair.carry_until([&writer] { return writer.is_done(); });
    CHECK(writer.result->has_value());
  }

  TEST_CASE("a failed write of the stream below fails the write") {
    TlsPair pair;
    pair.shake();
    Writer writer;
    writer.write(*pair.stream, "a question");
    pair.inner->fail_write({Error::Code::send_failed, Phase::request, "write to x: broken pipe"});
    REQUIRE(writer.is_done());
    CHECK(writer.result->error().message == "write to x: broken pipe");
    Writer second;
    second.write(*pair.stream, "another");
    CHECK_FALSE(second.is_done());
    pair.loop.spin();
    REQUIRE(second.is_done());
    CHECK(second.result->error().code == Error::Code::send_failed);
  }

  TEST_CASE("a paused reader gets nothing until it resumes, then all that had arrived") {
    TlsPair pair;
    pair.shake();
    Reader reader;
    reader.answer = Flow::pause;
    reader.read(*pair.stream);
    for (const auto* word : {"one ", "two ", "three"}) pair.server.send(word);
    pair.carry_until([&reader] { return reader.pieces == 1; });
    pair.loop.spin();
    CHECK(reader.text == "one ");
    CHECK_FALSE(pair.inner->is_reading);

    pair.stream->resume();
    CHECK(reader.pieces == 1);
    pair.loop.spin();
    CHECK(reader.text == "one two ");

    reader.answer = Flow::proceed;
    pair.stream->resume();
    pair.loop.spin();
    CHECK(reader.text == "one two three");
    CHECK(pair.inner->is_reading);
  }

  TEST_CASE("a paused reader gets what had arrived although a write is stuck") {
    TlsPair pair;
    pair.shake();
    Reader reader;
    reader.answer = Flow::pause;
    reader.read(*pair.stream);
    Writer writer;
    writer.write(*pair.stream, "never taken");
    pair.server.send("one ");
    pair.server.send("two");
    pair.loop.spin();
    pair.carry_down();
    CHECK(reader.text == "one ");
    pair.stream->resume();
    pair.loop.spin();
    CHECK(reader.text == "one two");
    CHECK_FALSE(writer.is_done());
  }

  TEST_CASE("the peer's close_notify is the end of what is read") {
    TlsPair pair;
    pair.shake();
    Reader reader;
    reader.read(*pair.stream);
    pair.server.send("the whole body");
    pair.server.send_close_notify();
    pair.carry_until([&reader] { return reader.ended; });
    CHECK(reader.text == "the whole body");
    CHECK_FALSE(reader.error.has_value());
  }

  TEST_CASE("an end without close_notify is a truncation and comes behind the data") {
    TlsPair pair;
    pair.shake();
    Reader reader;
    reader.read(*pair.stream);
    pair.server.send("half a body");
    pair.carry_until([&reader] { return !reader.text.empty(); });
    pair.inner->deliver_end();
    CHECK(reader.text == "half a body");
    CHECK_FALSE(reader.ended);
    REQUIRE(reader.error.has_value());
    CHECK(reader.error->code == Error::Code::receive_failed);
    CHECK(is_tls_truncation(*reader.error));
  }

  TEST_CASE("an error of the stream below is told behind the data and is no truncation") {
    TlsPair pair;
    pair.shake();
    Reader reader;
    reader.read(*pair.stream);
    pair.loop.spin();
    pair.inner->deliver_error({Error::Code::receive_failed, Phase::response, "read from x: reset"});
    REQUIRE(reader.error.has_value());
    CHECK(reader.error->message == "read from x: reset");
    CHECK_FALSE(is_tls_truncation(*reader.error));
  }

  TEST_CASE("a damaged record and a fatal alert are errors") {
    TlsPair pair;
    pair.shake();
    Reader reader;
    reader.read(*pair.stream);
    pair.loop.spin();
    SUBCASE("damaged") {
      pair.server.send("to be damaged");
      std::string record = pair.server.take_output();
      record.back() = static_cast<char>(record.back() ^ 1);
      pair.inner->deliver(record);
      REQUIRE(reader.error.has_value());
      CHECK(reader.text.empty());
    }
    SUBCASE("alert") {
      pair.server.send_alert(80);
      pair.carry_until([&reader] { return reader.error.has_value(); });
#if MBEDTLS_VERSION_MAJOR < 3
      CHECK(reader.error->message.find("alert internal_error") != std::string::npos);
#else
      CHECK(reader.error->message.find("alert") != std::string::npos);
#endif
    }
    CHECK(reader.error->code == Error::Code::receive_failed);
    CHECK_FALSE(is_tls_truncation(*reader.error));
  }

  TEST_CASE("a destroyed stream says close_notify") {
    TlsPair pair;
    pair.shake();
    pair.stream.reset();
    CHECK(pair.inner == nullptr);
    pair.server.receive(pair.last_words);
    CHECK(pair.server.got_close_notify);
  }
}

}  // namespace xtrace::testing::tls_test
