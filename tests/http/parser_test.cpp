#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "http/record.h"

namespace parser_test {

using namespace xtrace;
using namespace xtrace::testing;
using namespace std::string_literals;

namespace {

struct Sample {
  const char* name;
  std::string method;
  std::string bytes;
};

const std::string kOk = "HTTP/1.1 200 OK\r\n";
const std::string kChunked = kOk + "Transfer-Encoding: chunked\r\n\r\n";

// Good ones and bad ones: an error, too, must not depend on where the bytes were cut.
std::vector<Sample> samples() {
  return {
      {"sized", "GET", kOk + "Content-Length: 5\r\nX-Long-Name-Past-Inline: v\r\n\r\nhello"},
      {"empty", "GET", kOk + "Content-Length: 0\r\n\r\n"},
      {"no reason", "GET", "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi"},
      {"until the end", "GET", "HTTP/1.0 200 OK\r\nA:\r\nB: \t b c \t\r\n\r\nsome\r\n\r\nbytes"},
      {"chunked", "GET", kChunked + "5\r\nhello\r\n00b;x=\"y;z\";q\r\n, you there\r\n0\r\n\r\n"},
      {"trailers", "GET", kChunked + "1\r\nx\r\n0;end\r\nDigest: abc\r\nEmpty:\r\n\r\n"},
      {"HEAD", "HEAD", kOk + "Content-Length: 5\r\n\r\n"},
      {"204", "GET", "HTTP/1.1 204 No Content\r\nX: y\r\n\r\n"},
      {"304", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 900\r\n\r\n"},
      {"interim", "GET",
       "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + kOk +
           "Content-Length: 1\r\n\r\nx"},
      {"more than asked", "GET", kOk + "Content-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\n\r\n"},
      {"cut in the head", "GET", kOk + "Content-Le"},
      {"cut in the body", "GET", kOk + "Content-Length: 9\r\n\r\nhello"},
      {"cut in a chunk", "GET", kChunked + "5\r\nhel"},
      {"cut in the trailers", "GET", kChunked + "1\r\nx\r\n0\r\nDigest: a"},
      {"two lengths and garbage", "GET", kOk + "Content-Length: 1\r\nContent-Length: 2\r\n\r\r\n"},
      {"length and coding", "GET",
       kOk + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"},
      {"bare CR", "GET", kOk + "A: b\rC: d\r\n\r\n"},
      {"bad chunk", "GET", kChunked + "5\r\nhelloXX0\r\n\r\n"},
      {"not HTTP", "GET", "SSH-2.0-OpenSSH_9.2p1\r\n"},
      {"upgrade", "GET", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nx"},
  };
}

}  // namespace

TEST_SUITE("http/parser") {
  TEST_CASE("a response parses the same when split at every byte") {
    for (const Sample& sample : samples()) {
      const std::string name = sample.name;
      CAPTURE(name);
      const std::string_view bytes = sample.bytes;
      Exchange whole(sample.method);
      const std::string expected = whole.run({bytes}).summary();
      for (std::size_t at = 1; at < bytes.size(); ++at) {
        Exchange split(sample.method);
        split.run({bytes.substr(0, at), bytes.substr(at)});
        CAPTURE(at);
        CHECK(split.summary() == expected);
      }
      Exchange single(sample.method);
      for (const char& byte : bytes) single.feed({&byte, 1});
      single.end();
      CHECK(single.summary() == expected);
    }
  }

  TEST_CASE("a sized response gives its head, body and end") {
    Exchange exchange;
    exchange.run({kOk + "Content-Length: 5\r\nX: y\r\n\r\nhello"});
    CHECK(!exchange.error);
    CHECK(exchange.record.events == std::vector<std::string>{"first", "head 200", "complete"});
    CHECK(exchange.record.head.reason == "OK");
    CHECK(exchange.record.head.headers == Headers{{"Content-Length", "5"}, {"X", "y"}});
    CHECK(exchange.record.head.content_length == 5);
    CHECK(exchange.record.body == "hello");
    CHECK(exchange.parser.keeps_alive());
    CHECK(exchange.parser.head_size() == 44);
    CHECK(exchange.parser.body_size() == 5);
  }

  TEST_CASE("a piece of the body is passed on where it lies") {
    struct Keeper final : ResponseEvents {
      void on_status_line_begins() override {}
      void on_interim(Response) override {}
      void on_head(Response) override {}
      void on_body(std::span<const std::byte> piece) override { at = piece.data(); }
      void on_complete(Headers) override {}
      const std::byte* at = nullptr;
    } keeper;
    for (const std::string& head : {kOk + "Content-Length: 5\r\n\r\n", kChunked + "5\r\n"}) {
      ResponseParser parser("GET", {}, keeper);
      const std::string bytes = head + "hello";
      CHECK(parser.feed(as_bytes(bytes)));
      CHECK(keeper.at == as_bytes(bytes).data() + head.size());
    }
  }

  TEST_CASE("the end of the body is known with its last byte") {
    for (const std::string& bytes :
         {kOk + "Content-Length: 2\r\n\r\nhi", kOk + "Content-Length: 0\r\n\r\n",
          kChunked + "2\r\nhi\r\n0\r\n\r\n", "HTTP/1.1 304 Not Modified\r\n\r\n"s}) {
      CAPTURE(bytes);
      Exchange exchange;
      exchange.feed(std::string_view(bytes).substr(0, bytes.size() - 1));
      CHECK(!exchange.parser.is_complete());
      exchange.feed(std::string_view(bytes).substr(bytes.size() - 1));
      CHECK(exchange.parser.is_complete());
    }
  }

  TEST_CASE("a body without length lasts until the connection ends") {
    Exchange exchange;
    exchange.feed(kOk + "\r\nab");
    exchange.feed("cd");
    CHECK(!exchange.parser.is_complete());
    exchange.end();
    CHECK(exchange.parser.is_complete());
    CHECK(exchange.record.body == "abcd");
    CHECK(!exchange.record.head.content_length);
    CHECK(!exchange.parser.keeps_alive());
  }

  TEST_CASE("a response to HEAD has no body whatever it announces") {
    for (const std::string field :
         {"Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", ""}) {
      Exchange exchange("HEAD");
      exchange.feed(kOk + field + "\r\n");
      CHECK(exchange.parser.is_complete());
      CHECK(exchange.parser.keeps_alive());
      CHECK(exchange.parser.body_size() == 0);
    }
    Exchange announced("HEAD");
    announced.feed(kOk + "Content-Length: 5\r\n\r\n");
    CHECK(announced.record.head.content_length == 5);
  }

  TEST_CASE("204 and 304 have no body whatever they announce") {
    for (const std::string status : {"204 No Content", "304 Not Modified"}) {
      for (const std::string field : {"Content-Length: 5", "Transfer-Encoding: chunked"}) {
        Exchange exchange;
        exchange.feed("HTTP/1.1 " + status + "\r\n" + field + "\r\n\r\n");
        CHECK(exchange.parser.is_complete());
      }
    }
  }

  TEST_CASE("a 2xx to CONNECT ends with its head and leaves the tunnel's bytes alone") {
    const std::string head = "HTTP/1.1 200 Connection established\r\nContent-Length: 5\r\n\r\n";
    Exchange exchange("CONNECT");
    exchange.feed(head + "\x16\x03");
    CHECK(exchange.parser.is_complete());
    CHECK(exchange.consumed == head.size());
    Exchange refused("CONNECT");
    refused.run({"HTTP/1.1 407 Authenticate\r\nContent-Length: 2\r\n\r\nno"});
    CHECK(refused.record.body == "no");
  }

  TEST_CASE("interim responses come before the final one, each with its first byte") {
    Exchange exchange;
    exchange.run(
        {"HTTP/1.0 100 Continue\r\nConnection: close\r\nContent-Length: 3\r\n\r\n"
         "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" +
         kOk + "Content-Length: 0\r\n\r\n"});
    CHECK(!exchange.error);
    CHECK(exchange.record.events == std::vector<std::string>{"first", "interim 100", "first",
                                                             "interim 103", "first", "head 200",
                                                             "complete"});
    CHECK(exchange.record.interims[1].headers == Headers{{"Link", "</a>"}});
    CHECK(exchange.record.head.headers == Headers{{"Content-Length", "0"}});
    CHECK(exchange.parser.keeps_alive());
  }

  TEST_CASE("101 is refused") {
    CHECK(code_of("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n") == "upgrade_refused");
    CHECK(code_of(kOk + "Upgrade: h2c\r\nConnection: upgrade\r\nContent-Length: 0\r\n\r\n") ==
          "none");
  }

  TEST_CASE("trailers are given with the end and never mixed with the headers") {
    Exchange exchange;
    exchange.run({kChunked + "3\r\nabc\r\n0\r\nDigest: x\r\nContent-Length: 99\r\n\r\n"});
    CHECK(!exchange.error);
    CHECK(exchange.record.trailers == Headers{{"Digest", "x"}, {"Content-Length", "99"}});
    CHECK(exchange.record.head.headers == Headers{{"Transfer-Encoding", "chunked"}});
    CHECK(exchange.record.body == "abc");
    CHECK(exchange.parser.body_size() == 3);
  }

  TEST_CASE("bytes behind the response are counted out and end the keep-alive") {
    const std::string response = kOk + "Content-Length: 2\r\n\r\nhi";
    Exchange exchange;
    exchange.feed(response + "HTTP/1.1 200 OK\r\n\r\n");
    CHECK(exchange.consumed == response.size());
    CHECK(!exchange.parser.keeps_alive());
    exchange.feed("more");
    CHECK(exchange.consumed == response.size());
    CHECK(exchange.record.events.size() == 3);
  }

  TEST_CASE("the connection is kept where version, Connection and framing allow it") {
    const auto keeps = [](const std::string& version, const std::string& fields) {
      Exchange exchange;
      exchange.run({"HTTP/" + version + " 200 OK\r\n" + fields + "\r\n"});
      CHECK(exchange.parser.is_complete());
      return exchange.parser.keeps_alive();
    };
    CHECK(keeps("1.1", "Content-Length: 0\r\n"));
    CHECK(!keeps("1.1", "Content-Length: 0\r\nConnection: close\r\n"));
    CHECK(!keeps("1.1", "Content-Length: 0\r\nConnection: x, Close\r\n"));
    CHECK(!keeps("1.1", "Content-Length: 0\r\nConnection: x\r\nConnection: close\r\n"));
    CHECK(keeps("1.1", "Content-Length: 0\r\nConnection: closed, x\r\n"));
    CHECK(!keeps("1.1", ""));
    CHECK(!keeps("1.0", "Content-Length: 0\r\n"));
    CHECK(keeps("1.0", "Content-Length: 0\r\nConnection: keep-alive\r\n"));
    CHECK(!keeps("1.0", "Content-Length: 0\r\nConnection: keep-alive, close\r\n"));
    CHECK(!keeps("1.0", "Connection: keep-alive\r\n"));
  }

  TEST_CASE("a chunked body over HTTP/1.0 is read and the connection given up") {
    Exchange exchange;
    exchange.run(
        {"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n"
         "2\r\nhi\r\n0\r\n\r\n"});
    CHECK(exchange.record.body == "hi");
    CHECK(!exchange.parser.keeps_alive());
  }
}

}  // namespace parser_test
