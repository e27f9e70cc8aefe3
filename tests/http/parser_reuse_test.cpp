#include <array>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "http/record.h"

namespace parser_reuse_test {

using namespace xtrace;
using namespace xtrace::testing;
using namespace std::string_view_literals;

namespace {

constexpr std::string_view kChunked =
    "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 7\r\n\r\n";
constexpr std::string_view kSized = "HTTP/1.1 404 Gone Away\r\nContent-Length: 2\r\n\r\nno";

}  // namespace

TEST_SUITE("http/parser_reuse") {
  TEST_CASE("a parser that is reset reads as a new one, whatever it read before") {
    constexpr std::array kBefore = {
        kChunked,
        kSized,
        ""sv,
        "HTTP/1.1 200 OK\r\nX-Half: val"sv,
        "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 2"sv,
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"sv,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"sv,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Half: t"sv,
        "HTTP/1.0 200 OK\r\n\r\nuntil the end"sv,
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"sv,
        "nonsense"sv,
    };
    for (const std::string_view before : kBefore) {
      for (const std::string_view after : {kChunked, kSized}) {
        CAPTURE(before);
        Exchange fresh;
        fresh.run({after});
        Exchange reused;
        reused.feed(before);
        reused.begin_next("GET");
        reused.run({after});
        CHECK(reused.summary() == fresh.summary());
        CHECK(reused.consumed == after.size());
      }
    }
  }

  TEST_CASE("each response of a connection is read by the method of its own request") {
    Exchange exchange("HEAD");
    exchange.feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    CHECK(exchange.parser.is_complete());
    exchange.begin_next("GET");
    exchange.feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    CHECK(exchange.parser.is_complete());
    CHECK(exchange.record.body == "hello");
    exchange.begin_next("HEAD");
    exchange.feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    CHECK(exchange.parser.is_complete());
  }

  TEST_CASE("a parser that is reset is not complete, trusts nothing, and has counted nothing") {
    Exchange exchange;
    exchange.feed(kSized);
    REQUIRE(exchange.parser.keeps_alive());
    exchange.begin_next("GET");
    CHECK(!exchange.parser.is_complete());
    CHECK(!exchange.parser.keeps_alive());
    CHECK(exchange.parser.head_size() == 0);
    CHECK(exchange.parser.body_size() == 0);
  }

  TEST_CASE("the limit of interim responses counts each response's own") {
    Exchange exchange("GET", {.interim_responses = 1});
    for (int round = 0; round < 3; ++round) {
      exchange.feed(kChunked);
      CHECK(exchange.parser.is_complete());
      exchange.begin_next("GET");
    }
    exchange.run({"HTTP/1.1 103 Early Hints\r\n\r\n", kChunked});
    CHECK(exchange.error->code == Error::Code::too_many_interim);
  }

  TEST_CASE("what is left of a response goes to whoever the events were redirected to") {
    Exchange exchange;
    Record drain;
    exchange.feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
    exchange.parser.redirect_events(drain);
    exchange.feed("llo");
    CHECK(exchange.record.body == "he");
    CHECK(drain.body == "llo");
    CHECK(drain.events == std::vector<std::string>{"complete"});
    CHECK(exchange.parser.is_complete());
    CHECK(exchange.parser.keeps_alive());
  }

  TEST_CASE("an event may redirect those that follow") {
    struct Leaving final : ResponseEvents {
      void on_status_line_begins() override {}
      void on_interim(Response /*response*/) override {}
      void on_head(Response /*response*/) override { parser->redirect_events(*next); }
      void on_body(std::span<const std::byte> /*piece*/) override { FAIL("the body came here"); }
      void on_complete(Headers /*trailers*/) override { FAIL("the end came here"); }

      ResponseParser* parser = nullptr;
      ResponseEvents* next = nullptr;
    };
    Leaving leaving;
    Record drain;
    ResponseParser parser("GET", {}, leaving);
    leaving.parser = &parser;
    leaving.next = &drain;
    REQUIRE(parser.feed(as_bytes(kSized)));
    CHECK(drain.body == "no");
    CHECK(parser.is_complete());
  }
}

}  // namespace parser_reuse_test
