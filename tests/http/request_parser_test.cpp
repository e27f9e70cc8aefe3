#include <string>

#include <doctest/doctest.h>

#include "http/request_record.h"

namespace request_parser_test {

using namespace xtrace;
using namespace xtrace::testing;

namespace {

const std::string kHost = "Host: a.example\r\n";
const std::string kGet = "GET /p?q HTTP/1.1\r\n" + kHost + "\r\n";
const std::string kPost = "POST /p HTTP/1.1\r\n" + kHost + "Content-Length: 5\r\n\r\nhello";
const std::string kChunked = "POST /p HTTP/1.1\r\n" + kHost +
                             "Transfer-Encoding: chunked\r\n\r\n"
                             "2\r\nhe\r\n3;x=\"y\"\r\nllo\r\n0\r\nT: v\r\n\r\n";

std::string with_fields(const std::string& fields, const std::string& line = "GET / HTTP/1.1") {
  return line + "\r\n" + kHost + fields + "\r\n";
}

std::string chunked_body(const std::string& chunks) {
  return with_fields("Transfer-Encoding: chunked\r\n") + chunks;
}

bool keeps_alive(const std::string& fields, const std::string& line = "GET / HTTP/1.1") {
  RequestRecord record;
  record.feed(with_fields(fields, line));
  REQUIRE(record.parser.is_complete());
  return record.parser.keeps_alive();
}

std::string host_path_query_of(const std::string& line) {
  RequestRecord record;
  std::string parts;
  record.during_head = [&parts](const IncomingRequest& request) {
    for (const std::string_view part : {request.host, request.path, request.query}) {
      parts.append(part).append("|");
    }
  };
  record.feed(with_fields("", line));
  return parts;
}

std::string refusal_of(const std::string& bytes, const RequestLimits& limits) {
  RequestRecord record(limits);
  record.feed(bytes);
  return record.parser.refusal() ? std::to_string(record.status()) + " " + record.message()
                                 : "none";
}

}  // namespace

TEST_SUITE("http/request_parser") {
  TEST_CASE("a request is told with its parts, its fields as they came") {
    CHECK(summary_of(kGet) ==
          "GET /p?q /p q a.example 1.1 Host=a.example body \"\" 0 of 38 begun keeps alive head "
          "complete is complete");
    CHECK(
        summary_of(kPost) ==
        "POST /p /p  a.example 1.1 Host=a.example Content-Length=5 5 body \"hello\" 5 of 61 begun "
        "keeps alive head complete is complete");
    CHECK(summary_of(kChunked) ==
          "POST /p /p  a.example 1.1 Host=a.example Transfer-Encoding=chunked chunked body "
          "\"hello\" 5 of 97 begun keeps alive head complete is complete");
  }

  TEST_CASE("a request is told the same when split at every byte") {
    const std::string requests[] = {kGet + kGet,
                                    "\r\n" + kPost + kGet,
                                    kChunked + kGet,
                                    with_fields("A: b\r\n c\r\n"),
                                    with_fields("Content-Length: x\r\n"),
                                    chunked_body("2\r\nhi\r\n0\r\nT : v\r\n\r\n"),
                                    chunked_body("1\r\nx\r\n7fffffff\r\nhello"),
                                    with_fields("", "GET / HTTP/1.2"),
                                    chunked_body("5;" + std::string(60, 'e') + "\r\nhello"),
                                    with_fields("A: " + std::string(200, 'b')),
                                    with_fields("", "GET /" + std::string(200, 'p')),
                                    with_fields("Content-Length: 200\r\n") + "hello"};
    for (const std::string& bytes : requests) {
      CAPTURE(bytes);
      const RequestLimits limits{.head_bytes = 128, .body_bytes = 100};
      const std::string whole = summary_of(bytes, limits);
      RequestRecord split(limits);
      for (std::size_t at = 0; at <= bytes.size(); ++at) {
        split.begin_next();
        split.feed(bytes.substr(0, at));
        split.feed(bytes.substr(at));
        CHECK(split.summary() == whole);
      }
      split.begin_next();
      split.feed_singly(bytes);
      CHECK(split.summary() == whole);
    }
  }

  TEST_CASE("pipelined requests are parted where the first one ends") {
    const std::string bytes = kPost + "\r\n" + kChunked + kGet;
    RequestRecord record;
    CHECK(record.feed(bytes) == kPost.size());
    CHECK(record.feed(bytes.substr(kPost.size())) == 0);
    record.begin_next();
    CHECK(!record.parser.has_begun());
    CHECK(record.feed(bytes.substr(kPost.size())) == kChunked.size() + 2);
    CHECK(record.body == "hello");
    record.begin_next();
    CHECK(record.feed(kGet) == kGet.size());
    CHECK(record.head == "GET /p?q /p q a.example 1.1 Host=a.example ");
  }

  TEST_CASE("a request begins with its method, not with the empty line before it") {
    RequestRecord record;
    CHECK(record.feed("\r\n") == 2);
    CHECK(!record.parser.has_begun());
    record.feed("G");
    CHECK(record.parser.has_begun());
    CHECK(!record.parser.is_head_complete());
    record.begin_next();
    record.feed("\n");
    CHECK(record.parser.has_begun());
    CHECK(record.status() == 400);
  }

  TEST_CASE("a target's host wins over the Host field") {
    CHECK(host_path_query_of("GET /a/b?c?d HTTP/1.1") == "a.example|/a/b|c?d|");
    CHECK(host_path_query_of("GET //x/y HTTP/1.1") == "a.example|//x/y||");
    CHECK(host_path_query_of("GET http://b.example:8080/a?c HTTP/1.1") == "b.example:8080|/a|c|");
    CHECK(host_path_query_of("GET HTTPS://[::1] HTTP/1.1") == "[::1]|/||");
    CHECK(host_path_query_of("GET http://b?c/d@e HTTP/1.1") == "b|/|c/d@e|");
    CHECK(host_path_query_of("OPTIONS * HTTP/1.1") == "a.example|*||");
    CHECK(host_path_query_of("OPTIONS http://b HTTP/1.1") == "b|*||");
    CHECK(host_path_query_of("OPTIONS http://b/ HTTP/1.1") == "b|/||");
    CHECK(summary_of("GET / HTTP/1.0\r\n\r\n") ==
          "GET / /   1.0 body \"\" 0 of 18 begun closes head complete is complete");
  }

  TEST_CASE("a field is found without regard to case, the first one of its name") {
    RequestRecord record;
    record.during_head = [](const IncomingRequest& request) {
      CHECK(request.fields.size() == 4);
      CHECK(request.find("x-a") == &request.fields[1]);
      CHECK(request.value_of("X-A") == "1 2");
      CHECK(request.find("X-B")->value.empty());
      CHECK(request.find("X-C") == nullptr);
      CHECK(request.value_of("X-C").empty());
      CHECK(!request.has_body());
    };
    record.feed(with_fields("X-A: \t1 2 \t\r\nx-b:\r\nX-a: 3\r\n"));
    CHECK(record.heads == 1);
  }

  TEST_CASE("a body of which enough was told waits until it is asked for again") {
    const auto read_in = [](const std::string& bytes, std::size_t step) {
      int stops = 0;
      RequestRecord record;
      record.during_body = [&record, &stops] {
        record.parser.stop();
        ++stops;
      };
      record.during_head = [&record](const IncomingRequest&) { record.during_body(); };
      std::size_t at = record.feed(bytes);
      CHECK(at == bytes.find("\r\n\r\n") + 4);
      while (at < bytes.size()) {
        if (record.parser.is_stopped()) CHECK(record.feed(bytes.substr(at)) == 0);
        record.parser.proceed();
        at += record.feed(bytes.substr(at, step));
      }
      CHECK(record.body == "hello");
      CHECK(record.completes == 1);
      return stops;
    };
    CHECK(read_in(kPost, 100) == 2);
    CHECK(read_in(kPost, 1) == 6);
    CHECK(read_in(kChunked, 100) == 3);
    CHECK(read_in(kChunked, 1) == 6);
  }

  TEST_CASE("a stopped parser still tells what needs no more bytes") {
    RequestRecord record;
    record.during_head = [&record](const IncomingRequest&) { record.parser.stop(); };
    record.feed(kGet);
    CHECK(record.parser.is_complete());
    record.begin_next();
    CHECK(!record.parser.is_stopped());
    record.during_head = {};
    record.during_body = [&record] { record.parser.stop(); };
    record.feed(kPost);
    CHECK(record.parser.is_complete());
  }

  TEST_CASE("a connection is kept by HTTP/1.1 unless told otherwise, by HTTP/1.0 if asked") {
    CHECK(keeps_alive(""));
    CHECK(keeps_alive("Connection: keep-alive, Upgrade\r\nUpgrade: h2c\r\n"));
    CHECK(keeps_alive("Connection: closed\r\n"));
    CHECK(!keeps_alive("Connection: close\r\n"));
    CHECK(!keeps_alive("Connection: x\r\nconnection: TE , CLOSE\r\n"));
    CHECK(!keeps_alive("", "GET / HTTP/1.0"));
    CHECK(keeps_alive("Connection: Keep-Alive\r\n", "GET / HTTP/1.0"));
    CHECK(!keeps_alive("Connection: keep-alive, close\r\n", "GET / HTTP/1.0"));
  }

  TEST_CASE("a client waits for 100 only where it can and has a body") {
    const std::string expects = "Expect: 100-continue\r\n";
    const std::string length = "Content-Length: 0\r\n";
    CHECK(summary_of(with_fields(expects + "Content-Length: 1\r\n")).find("expects") !=
          std::string::npos);
    CHECK(summary_of(chunked_body("")).find("expects") == std::string::npos);
    CHECK(summary_of(with_fields(expects + length)).find("expects") == std::string::npos);
    CHECK(summary_of(with_fields(expects + "Content-Length: 1\r\n", "PUT / HTTP/1.0"))
              .find("expects") == std::string::npos);
  }

  TEST_CASE("a head of exactly the limit is read and one byte more is refused") {
    const auto padded = [](std::size_t size) {
      return with_fields("A: " + std::string(size - 40, 'b') + "\r\n");
    };
    REQUIRE(padded(100).size() == 100);
    CHECK(refusal_of(padded(100), {.head_bytes = 100}) == "none");
    CHECK(refusal_of(padded(101), {.head_bytes = 100}) ==
          "431 the head of the request is larger than 100 bytes");
    CHECK(refusal_of(with_fields("", "GET /" + std::string(100, 'p')), {.head_bytes = 100}) ==
          "414 the target of the request is larger than 100 bytes");
    std::string fields;
    for (int i = 0; i < 255; ++i) fields += "a:\r\n";
    CHECK(refusal_of(with_fields(fields), {}) == "none");
    CHECK(refusal_of(with_fields(fields + "a:\r\n"), {}) ==
          "431 the head of the request has more than 256 fields");
    CHECK(refusal_of(chunked_body("0\r\nT: " + std::string(100, 't')), {.head_bytes = 100}) ==
          "431 the trailers of the request are larger than 100 bytes");
    CHECK(refusal_of(chunked_body("1;" + std::string(4096, 'e')), {}) ==
          "400 the line before a chunk of the request is larger than 4096 bytes");
  }

  TEST_CASE("a body of exactly the limit is read and one byte more is refused") {
    const RequestLimits limits{.body_bytes = 5};
    const std::string refused = "413 the body of the request is larger than 5 bytes";
    CHECK(refusal_of(kPost, limits) == "none");
    CHECK(refusal_of(kChunked, limits) == "none");
    CHECK(refusal_of(with_fields("Content-Length: 6\r\n"), limits) == refused);
    CHECK(refusal_of(chunked_body("5\r\nhello\r\n1\r\n"), limits) == refused);
  }

  TEST_CASE("a body's limit may be another one until the body is let on") {
    RequestRecord record({.body_bytes = 4});
    record.during_head = [&record](const IncomingRequest&) { record.parser.set_body_limit(5); };
    record.feed(kPost);
    CHECK(record.body == "hello");

    record.begin_next();
    record.during_head = [&record](const IncomingRequest&) { record.parser.stop(); };
    record.feed(kPost);
    CHECK(!record.parser.refusal());
    SUBCASE("raised") {
      record.parser.set_body_limit(5);
      record.parser.proceed();
      CHECK(!record.parser.refusal());
    }
    SUBCASE("left") {
      record.parser.proceed();
      CHECK(record.status() == 413);
      CHECK(!record.parser.keeps_alive());
      CHECK(record.feed("hello") == 0);
      CHECK(record.parser.refusal()->error.code == Error::Code::body_too_large);
    }
  }
}

}  // namespace request_parser_test
