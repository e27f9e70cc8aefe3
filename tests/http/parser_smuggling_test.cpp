#include <string>

#include <doctest/doctest.h>

#include "http/record.h"

namespace parser_smuggling_test {

using namespace xtrace;
using namespace xtrace::testing;
using namespace std::string_literals;

namespace {

const std::string kOk = "HTTP/1.1 200 OK\r\n";
const std::string kChunked = kOk + "Transfer-Encoding: chunked\r\n\r\n";
const std::string kChunks = "2\r\nhi\r\n0\r\n\r\n";

std::string code_of_fields(const std::string& fields, const std::string& body = "hi") {
  return code_of(kOk + fields + "\r\n" + body);
}

std::string code_of_chunks(const std::string& chunks) {
  return code_of(kChunked + chunks);
}

}  // namespace

TEST_SUITE("http/parser_smuggling") {
  TEST_CASE("Content-Length beside Transfer-Encoding is refused in either order") {
    const std::string length = "Content-Length: 2\r\n";
    const std::string coding = "Transfer-Encoding: chunked\r\n";
    CHECK(code_of_fields(length + coding, kChunks) == "ambiguous_framing");
    CHECK(code_of_fields(coding + length, kChunks) == "ambiguous_framing");
    CHECK(message_of(kOk + coding + length + "\r\n") ==
          "the response has both Content-Length and Transfer-Encoding");
  }

  TEST_CASE("two lengths are refused, equal ones too") {
    CHECK(code_of_fields("Content-Length: 2\r\nContent-Length: 3\r\n") == "ambiguous_framing");
    CHECK(code_of_fields("Content-Length: 2\r\ncontent-length: 2\r\n") == "ambiguous_framing");
    CHECK(message_of(kOk + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi") ==
          "the response has more than one Content-Length");
  }

  TEST_CASE("a Content-Length that is not one decimal number is refused") {
    for (const std::string value :
         {"", "+2", "-2", "0x2", "2, 2", "2 2", "2;", "two", "2.0", "\"2\""}) {
      CAPTURE(value);
      CHECK(code_of_fields("Content-Length: "s + value + "\r\n") == "ambiguous_framing");
    }
    CHECK(code_of_fields("Content-Length:2 \r\n") == "none");
    CHECK(code_of_fields("Content-Length: 02\r\n") == "none");
  }

  TEST_CASE("a Transfer-Encoding other than chunked alone is refused") {
    for (const std::string value :
         {"", "xchunked", "chunkedx", "identity", "gzip", "gzip, chunked", "chunked, gzip",
          "chunked, chunked", "chunked;q=1", "\"chunked\"", "chunked,"}) {
      CAPTURE(value);
      CHECK(code_of_fields("Transfer-Encoding: "s + value + "\r\n", kChunks) ==
            "ambiguous_framing");
    }
    CHECK(code_of_fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", kChunks) ==
          "ambiguous_framing");
    CHECK(code_of_fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", kChunks) ==
          "ambiguous_framing");
  }

  TEST_CASE("chunked is recognised in any case and behind white space") {
    for (const std::string field : {"transfer-encoding:chunked", "Transfer-Encoding: CHUNKED",
                                    "Transfer-Encoding: \t chunked "}) {
      CAPTURE(field);
      Exchange exchange;
      exchange.run({kOk + field + "\r\n\r\n" + kChunks});
      CHECK(!exchange.error);
      CHECK(exchange.record.body == "hi");
    }
  }

  TEST_CASE("chunked before a tab is refused and never read as the body itself") {
    CHECK(code_of_fields("Transfer-Encoding: chunked\t\r\n", kChunks) == "ambiguous_framing");
  }

  TEST_CASE("the framing of a response without a body is judged all the same") {
    Exchange exchange("HEAD");
    exchange.run({kOk + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"});
    REQUIRE(exchange.error);
    CHECK(exchange.error->code == Error::Code::ambiguous_framing);
    CHECK(code_of("HTTP/1.1 103 Hints\r\nTransfer-Encoding: x\r\n\r\n") == "ambiguous_framing");
  }

  TEST_CASE("a bare CR is refused wherever it stands") {
    CHECK(code_of("HTTP/1.1 200 OK\rX: y\r\n\r\n") == "not_http");
    CHECK(code_of("HTTP/1.1 200\rX: y\r\n\r\n") == "not_http");
    CHECK(code_of_fields("A: b\rContent-Length: 2\r\n") == "not_http");
    CHECK(code_of_fields("A:\rContent-Length: 2\r\n") == "not_http");
    CHECK(code_of_fields("A: b\r\r\n") == "not_http");
    CHECK(code_of(kOk + "Content-Length: 2\r\n\rXhi") == "not_http");
    CHECK(message_of(kOk + "A: b\rC: d\r\n\r\n") ==
          "the answer is not HTTP/1.x: a CR is not followed by LF");
    CHECK(code_of_chunks("2\rXhi\r\n0\r\n\r\n") == "body_invalid");
    CHECK(code_of_chunks("2\r\nhi\r\n0\r\nT: v\rU: w\r\n\r\n") == "body_invalid");
    CHECK(code_of_chunks("2\r\nhi\r\n0\r\n\rX") == "body_invalid");
  }

  TEST_CASE("a lone LF is not taken for a line's end") {
    CHECK(code_of("HTTP/1.1 200 OK\nContent-Length: 2\r\n\r\nhi") == "not_http");
    CHECK(code_of("HTTP/1.1 200\nContent-Length: 2\r\n\r\nhi") == "not_http");
    CHECK(code_of_fields("Content-Length: 2\n") == "not_http");
    CHECK(code_of(kOk + "Content-Length: 2\r\n\nhi") == "not_http");
    CHECK(message_of("HTTP/1.1 200 OK\n\n") ==
          "the answer is not HTTP/1.x: a line ends in LF without CR");
    CHECK(code_of_chunks("2\nhi\r\n0\r\n\r\n") == "body_invalid");
    CHECK(code_of_chunks("2;e\nhi\r\n0\r\n\r\n") == "body_invalid");
    CHECK(code_of_chunks("2\r\nhi\n0\r\n\r\n") == "body_invalid");
    CHECK(code_of_chunks("2\r\nhi\r\n0\r\nT: v\n\r\n") == "body_invalid");
  }

  TEST_CASE("a folded header is refused") {
    CHECK(code_of_fields("A: b\r\n c\r\n") == "not_http");
    CHECK(code_of_fields("A: b\r\n\tc\r\n") == "not_http");
    CHECK(code_of_fields(" A: b\r\n") == "not_http");
    CHECK(code_of_fields("Transfer-Encoding:\r\n chunked\r\n", kChunks) == "not_http");
    CHECK(code_of_chunks("2\r\nhi\r\n0\r\nT: v\r\n w\r\n\r\n") == "body_invalid");
  }

  TEST_CASE("a header's name is a token with a colon right behind it") {
    for (const std::string line : {"A : b", "A\t: b", "A B: b", ": b", "A", "A;b: c", "A\x01: b",
                                   "(A): b", "\xc3\xa4: b", "Transfer-Encoding : chunked"}) {
      CAPTURE(line);
      CHECK(code_of_fields(line + "\r\nContent-Length: 2\r\n"s) == "not_http");
    }
    CHECK(code_of_fields("!#$%&'*+-.^_`|~09: b\r\nContent-Length: 2\r\n") == "none");
  }

  TEST_CASE("control characters are refused and bytes past ASCII are not") {
    CHECK(code_of_fields("A: b\0c\r\n"s) == "not_http");
    CHECK(code_of_fields("A\0: b\r\n"s) == "not_http");
    CHECK(code_of_fields("A: b\x0b\r\n") == "not_http");
    CHECK(code_of_fields("A: b\x7f\r\n") == "not_http");
    CHECK(code_of("HTTP/1.1 200 O\0K\r\n\r\n"s) == "not_http");
    CHECK(code_of_chunks("2;\0\r\nhi\r\n0\r\n\r\n"s) == "body_invalid");
    Exchange exchange;
    exchange.run({"HTTP/1.1 200 \xc3\xa4\r\nA: b\tc\xff\r\nContent-Length: 0\r\n\r\n"});
    CHECK(exchange.record.head.reason == "\xc3\xa4");
    CHECK(*exchange.record.head.headers.find("A") == "b\tc\xff");
  }

  TEST_CASE("what does not begin with an HTTP/1.x status line is not HTTP") {
    for (const std::string line :
         {"HTTP/1.1  200 OK", "HTTP/1.1\t200 OK", "HTTP/1.1 2000 OK",    "HTTP/1.1 20 OK",
          "HTTP/1.1 200OK",   "HTTP/1.1 099 Low", "HTTP/1.1 abc",        "HTTP/1.2 200 OK",
          "HTTP/2.0 200 OK",  "HTTP/0.9 200 OK",  "HTTP/11 200 OK",      "http/1.1 200 OK",
          "ICY 200 OK",       "RTSP/1.0 200 OK",  "\r\nHTTP/1.1 200 OK", " HTTP/1.1 200 OK",
          "<html>",           "SSH-2.0-x",        "220 smtp.example",    "PRI * HTTP/2.0"}) {
      CAPTURE(line);
      CHECK(code_of(line + "\r\nContent-Length: 0\r\n\r\n"s) == "not_http");
    }
    CHECK(code_of("HTTP/1.1 999 Denied\r\nContent-Length: 0\r\n\r\n") == "none");
    CHECK(message_of("<html>") ==
          "the answer is not HTTP/1.x: it does not begin with an HTTP/1.x status line");
    CHECK(message_of("\x15\x03\x01"s).find("is this an https port?") != std::string::npos);
    CHECK(message_of("\0\0\x06\x04"s).find("HTTP/2") != std::string::npos);
  }

  TEST_CASE("a chunk that is longer or shorter than its size is refused") {
    CHECK(code_of_chunks("2\r\nhiXX0\r\n\r\n") == "body_invalid");
    CHECK(code_of_chunks("2\r\nhi!\r\n0\r\n\r\n") == "body_invalid");
    CHECK(code_of_chunks("3\r\nhi\r\n0\r\n\r\n") == "body_invalid");
    Exchange exchange;
    exchange.run({kChunked + "2\r\nhi\r", "X0\r\n\r\n"});
    REQUIRE(exchange.error);
    CHECK(exchange.error->phase == Phase::body);
  }

  TEST_CASE("a chunk's size is hexadecimal digits and nothing else") {
    for (const std::string size : {"", " 2", "2 ", "0x2", "-2", "+2", "2,2", "g", "2\t", "2 ;e"}) {
      CAPTURE(size);
      CHECK(code_of_chunks(size + "\r\nhi\r\n0\r\n\r\n"s) == "body_invalid");
    }
    CHECK(code_of_chunks("A\r\n0123456789\r\na\r\n0123456789\r\n00\r\n\r\n") == "none");
  }

  TEST_CASE("chunk extensions are passed over") {
    for (const std::string extension : {";", ";a", ";a=b;c=\"d;e\"", "; a = b", ";;;"}) {
      CAPTURE(extension);
      Exchange exchange;
      exchange.run({kChunked + "2" + extension + "\r\nhi\r\n0" + extension + "\r\n\r\n"});
      CHECK(!exchange.error);
      CHECK(exchange.record.body == "hi");
    }
  }
}

}  // namespace parser_smuggling_test
