#include "http/request_head.h"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

namespace request_head_test {

using namespace xtrace;

namespace {

Request request_to(std::string_view url) {
  Expected<Url> parsed = Url::parse(url);
  REQUIRE(parsed);
  return Request(std::move(parsed).value());
}

Request with_supply(std::string method = "POST") {
  Request request = request_to("http://h/");
  request.method = std::move(method);
  request.supply.emplace();
  return request;
}

// Without Host, Accept and User-Agent: what the options and the body add.
std::string additions(Request request, const HeadOptions& options) {
  request.omit.insert(request.omit.end(), {"Accept", "User-Agent"});
  std::string head;
  append_head(head, request, options);
  const std::size_t begin = head.find("\r\nHost: h\r\n");
  REQUIRE(begin != std::string::npos);
  REQUIRE(head.ends_with("\r\n\r\n"));
  return head.substr(begin + 11, head.size() - begin - 13);
}

Request with_field(std::string name, std::string value) {
  Request request = request_to("http://h/");
  request.headers.add(name, value);
  return request;
}

}  // namespace

TEST_SUITE("http/request_head") {
  TEST_CASE("a head is appended to what the buffer holds") {
    std::string buffer = "before ";
    append_head(buffer, request_to("http://h/a?b"), {.default_user_agent = "x"});
    CHECK(buffer == "before GET /a?b HTTP/1.1\r\nHost: h\r\nAccept: */*\r\nUser-Agent: x\r\n\r\n");
  }

  TEST_CASE("a proxy gets the whole URL as the target, without its userinfo") {
    const auto line = [](std::string_view url) {
      std::string head;
      append_head(head, request_to(url), {.is_absolute_form = true});
      return head.substr(0, head.find("\r\nAccept:"));
    };
    CHECK(line("http://user:pw@H/a?b=1#c") == "GET http://h/a?b=1 HTTP/1.1\r\nHost: h");
    CHECK(line("http://h:8080") == "GET http://h:8080/ HTTP/1.1\r\nHost: h:8080");
    CHECK(line("http://[fe80::1%25eth0]:81/") ==
          "GET http://[fe80::1]:81/ HTTP/1.1\r\nHost: [fe80::1]:81");
  }

  TEST_CASE("a proxy's credentials are sent where the caller gave none of their own") {
    const HeadOptions options{.proxy_authorization = "Basic eA=="};
    CHECK(additions(request_to("http://h/"), options) == "Proxy-Authorization: Basic eA==\r\n");
    CHECK(additions(with_field("proxy-authorization", "mine"), options) ==
          "proxy-authorization: mine\r\n");
  }

  TEST_CASE("a body from a source is chunked unless its size is known") {
    CHECK(additions(with_supply(), {}) == "Transfer-Encoding: chunked\r\n");
    CHECK(additions(with_supply("GET"), {}) == "Transfer-Encoding: chunked\r\n");
    CHECK(additions(with_supply(), {.supply_size = 5}) == "Content-Length: 5\r\n");
    CHECK(additions(with_supply("GET"), {.supply_size = 0}) == "Content-Length: 0\r\n");
    CHECK(additions(with_supply(), {.supply_size = UINT64_MAX}) ==
          "Content-Length: 18446744073709551615\r\n");
  }

  TEST_CASE("a size without a source means nothing") {
    CHECK(additions(request_to("http://h/"), {.supply_size = 5}) == "");
  }

  TEST_CASE("compression is asked for where the client may decode what comes") {
    const HeadOptions options{.accepts_compressed = true};
    CHECK(additions(request_to("http://h/"), options) ==
          "Accept-Encoding: gzip, deflate, br, zstd\r\n");
    CHECK(additions(request_to("http://h/"), {}) == "");
    CHECK(additions(with_field("accept-encoding", "gzip"), options) == "accept-encoding: gzip\r\n");
    CHECK(additions(with_field("range", "bytes=0-1"), options) == "range: bytes=0-1\r\n");
    Request request = request_to("http://h/");
    request.method = "HEAD";
    CHECK(additions(request, options) == "");
    request.method = "GET";
    request.omit = {"accept-encoding"};
    CHECK(additions(request, options) == "");
    CHECK(!asks_for_compression(request));
    CHECK(asks_for_compression(request_to("http://h/")));
  }

  TEST_CASE("the end of a connection is announced unless the caller speaks about it") {
    CHECK(additions(request_to("http://h/"), {.closes = true}) == "Connection: close\r\n");
    CHECK(additions(with_field("connection", "keep-alive"), {.closes = true}) ==
          "connection: keep-alive\r\n");
  }
}

}  // namespace request_head_test
