#include <string>

#include <doctest/doctest.h>

#include "http/record.h"

namespace parser_limits_test {

using namespace xtrace;
using namespace xtrace::testing;

namespace {

constexpr std::size_t kLimit = 64 * 1024;
const std::string kStatusLine = "HTTP/1.1 200 OK\r\n";
const std::string kChunked = kStatusLine + "Transfer-Encoding: chunked\r\n\r\n";

std::string head_with_one_header(std::size_t size) {
  const std::string fields = "Content-Length: 0\r\nX: ";
  return kStatusLine + fields + std::string(size - kStatusLine.size() - fields.size() - 4, 'a') +
         "\r\n\r\n";
}

std::string head_with_many_headers(std::size_t size) {
  std::string head = kStatusLine + "Content-Length: 0\r\n";
  while (size - head.size() > 20) head += "A: b\r\n";
  head += "C: " + std::string(size - head.size() - 7, 'd') + "\r\n\r\n";
  return head;
}

std::string head_with_a_reason(std::size_t size) {
  const std::string rest = "\r\nContent-Length: 0\r\n\r\n";
  return "HTTP/1.1 200 " + std::string(size - 13 - rest.size(), 'r') + rest;
}

std::string trailers(std::size_t size) {
  return "T: " + std::string(size - 7, 't') + "\r\n\r\n";
}

}  // namespace

TEST_SUITE("http/parser_limits") {
  TEST_CASE("a head of exactly the limit is read and one byte more is refused") {
    for (const auto make : {head_with_one_header, head_with_many_headers, head_with_a_reason}) {
      const std::string exact = make(kLimit);
      REQUIRE(exact.size() == kLimit);
      CHECK(code_of(exact) == "none");
      const std::string over = make(kLimit + 1);
      REQUIRE(over.size() == kLimit + 1);
      CHECK(code_of(over) == "headers_too_large");
      CHECK(message_of(over) == "the head of the response is larger than 65536 bytes");
    }
  }

  TEST_CASE("a head that never ends is refused at the limit, in pieces too") {
    Exchange exchange;
    exchange.feed(kStatusLine + "X: ");
    const std::string piece(1000, 'a');
    for (int i = 0; i < 65; ++i) exchange.feed(piece);
    CHECK(!exchange.error);
    exchange.feed(piece);
    REQUIRE(exchange.error);
    CHECK(exchange.error->code == Error::Code::headers_too_large);
    CHECK(exchange.error->phase == Phase::response);
    CHECK(exchange.record.events == std::vector<std::string>{"first"});
  }

  TEST_CASE("each interim response has the limit for itself") {
    const std::string interim =
        "HTTP/1.1 103 Early Hints\r\nX: " + std::string(60, 'a') + "\r\n\r\n";
    Exchange exchange("GET", {.head_bytes = 100, .interim_responses = 3});
    exchange.run({interim + interim + interim + kStatusLine + "Content-Length: 0\r\n\r\n"});
    CHECK(!exchange.error);
    CHECK(exchange.record.interims.size() == 3);
  }

  TEST_CASE("one interim response past the limit is refused") {
    const std::string interim = "HTTP/1.1 103 Early Hints\r\n\r\n";
    std::string bytes;
    for (int i = 0; i < 16; ++i) bytes += interim;
    CHECK(code_of(bytes + kStatusLine + "Content-Length: 0\r\n\r\n") == "none");
    CHECK(code_of(bytes + interim) == "too_many_interim");
    CHECK(message_of(bytes + interim) == "the peer sent more than 16 interim responses");
  }

  TEST_CASE("trailers of exactly the limit are read and one byte more is refused") {
    const std::string body = kChunked + "1\r\nx\r\n0\r\n";
    CHECK(code_of(body + trailers(kLimit)) == "none");
    Exchange exchange;
    exchange.run({body + trailers(kLimit + 1)});
    REQUIRE(exchange.error);
    CHECK(exchange.error->code == Error::Code::body_invalid);
    CHECK(exchange.error->phase == Phase::body);
    CHECK(exchange.error->message == "the trailers of the response are larger than 65536 bytes");
  }

  TEST_CASE("a chunk's line of 4096 bytes is read and one byte more is refused") {
    const auto line = [](std::size_t size) { return "1;" + std::string(size - 4, 'e') + "\r\n"; };
    CHECK(code_of(kChunked + line(4096) + "x\r\n0\r\n\r\n") == "none");
    CHECK(code_of(kChunked + line(4097) + "x\r\n0\r\n\r\n") == "body_invalid");
    CHECK(message_of(kChunked + line(9000)) == "the line before a chunk is larger than 4096 bytes");
  }

  TEST_CASE("chunk lines that outweigh their chunks by more than 16 KiB are refused") {
    std::string heavy;
    for (int i = 0; i < 4; ++i) heavy += "1;" + std::string(4092, 'e') + "\r\nx\r\n";
    CHECK(code_of(kChunked + heavy + "0\r\n\r\n") == "none");
    heavy += "1;" + std::string(4000, 'e') + "\r\nx\r\n";
    CHECK(message_of(kChunked + heavy) ==
          "the chunked body is malformed: the lines before its chunks outweigh the chunks");
  }

  TEST_CASE("a chunk's size may have 16 digits and no more") {
    CHECK(code_of(kChunked + "0000000000000001\r\nx\r\n0\r\n\r\n") == "none");
    CHECK(code_of(kChunked + "00000000000000001\r\nx\r\n0\r\n\r\n") == "body_invalid");
    CHECK(
        message_of(kChunked + "FFFFFFFFFFFFFFFF\r\nxyz") ==
        "the connection ended 18446744073709551612 bytes before the end of a chunk, after 3 bytes "
        "of the body");
    CHECK(code_of(kChunked + "10000000000000000\r\nx") == "body_invalid");
  }

  TEST_CASE("a Content-Length past 64 bits is refused and the largest one is not") {
    const std::string field = kStatusLine + "Content-Length: ";
    CHECK(message_of(field + "18446744073709551615\r\n\r\nab") ==
          "the connection ended 18446744073709551613 bytes before the end of the body (announced "
          "18446744073709551615)");
    CHECK(code_of(field + "18446744073709551616\r\n\r\n") == "ambiguous_framing");
    CHECK(code_of(field + std::string(40, '9') + "\r\n\r\n") == "ambiguous_framing");
  }

  TEST_CASE("a connection that ends too early says where and how much is missing") {
    const std::string sized = kStatusLine + "Content-Length: 100\r\n\r\n";
    CHECK(message_of(sized + std::string(83, 'x')) ==
          "the connection ended 17 bytes before the end of the body (announced 100)");
    CHECK(message_of(sized + std::string(99, 'x')) ==
          "the connection ended 1 byte before the end of the body (announced 100)");
    CHECK(message_of(kChunked + "5\r\nhello\r\n") ==
          "the connection ended between two chunks, after 5 bytes of the body");
    CHECK(message_of(kChunked + "5\r\nhel") ==
          "the connection ended 2 bytes before the end of a chunk, after 3 bytes of the body");
    CHECK(message_of(kChunked + "0\r\n") == "the connection ended inside the trailers");
    CHECK(code_of(sized) == "body_cut");
    CHECK(code_of(kChunked) == "body_cut");

    CHECK(code_of("") == "empty_reply");
    CHECK(code_of("H") == "head_cut");
    CHECK(message_of("HTTP/1.1 200 OK\r\n") ==
          "the connection ended inside the head of the response, after 17 bytes");
    CHECK(code_of("HTTP/1.1 100 Continue\r\n\r\n") == "head_cut");
  }

  TEST_CASE("a parser that failed repeats its error and takes nothing more") {
    Exchange exchange;
    exchange.feed("garbage");
    REQUIRE(exchange.error);
    const auto again = exchange.parser.feed(as_bytes(kStatusLine));
    REQUIRE(again.if_error() != nullptr);
    CHECK(again.error() == *exchange.error);
    const auto ended = exchange.parser.finish();
    REQUIRE(ended.if_error() != nullptr);
    CHECK(ended.error() == *exchange.error);
    CHECK(exchange.record.events.empty());
  }
}

}  // namespace parser_limits_test
