#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "http/record.h"
#include "http/request_head.h"
#include "http/request_parser.h"
#include "support/count_allocations.h"

namespace allocation_test {

using namespace xtrace;
using testing::allocations_of;

TEST_SUITE("http/allocation") {
  TEST_CASE("a second head in the same buffer allocates nothing") {
    const Expected<Url> url = Url::parse("http://user:password@[::1]:8080/path?query=1");
    REQUIRE(url);
    Request request(*url);
    request.headers = {{"X-A", "1"}, {"Cookie", "a=b"}};
    request.method = "POST";
    request.body = "hello";
    const HeadOptions options{.default_user_agent = "xtrace/1",
                              .is_absolute_form = true,
                              .proxy_authorization = "Basic eA==",
                              .accepts_compressed = true,
                              .closes = true};
    std::string buffer;
    append_head(buffer, request, options);
    const std::string first = buffer;
    CHECK(allocations_of([&buffer, &request, &options] {
            buffer.clear();
            append_head(buffer, request, options);
          }) == 0);
    CHECK(buffer == first);
    CHECK(buffer.find("Authorization: Basic dXNlcjpwYXNzd29yZA==\r\n") != std::string::npos);
  }

  TEST_CASE("a parser that is reset allocates the response's fields and nothing else") {
    struct Ignoring final : ResponseEvents {
      void on_status_line_begins() override {}
      void on_interim(Response /*response*/) override {}
      void on_head(Response /*response*/) override {}
      void on_body(std::span<const std::byte> /*piece*/) override {}
      void on_complete(Headers /*trailers*/) override {}
    };
    constexpr std::string_view kResponse =
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nServer: x\r\nETag: y\r\n\r\nhello";
    Ignoring ignoring;
    ResponseParser parser("OPTIONS", {}, ignoring);
    REQUIRE(parser.feed(testing::as_bytes(kResponse)));
    CHECK(allocations_of([&parser, &ignoring, kResponse] {
            parser.reset("GET", ignoring);
            if (!parser.feed(testing::as_bytes(kResponse))) FAIL("refused");
          }) == 1);
    CHECK(parser.is_complete());
  }

  TEST_CASE("a request parser that is reset allocates nothing") {
    struct Ignoring final : RequestEvents {
      void on_head(const IncomingRequest& request) override { fields += request.fields.size(); }
      void on_body(std::span<const std::byte> /*piece*/) override {}
      void on_complete() override {}
      std::size_t fields = 0;
    };
    const std::string fields = "Host: [::1]:80\r\nConnection: x, close\r\nExpect: 100-continue\r\n";
    const std::string requests[] = {
        "POST http://a.example:80/p?q HTTP/1.1\r\n" + fields + "Content-Length: 2\r\n\r\nhi",
        "POST /p HTTP/1.1\r\n" + fields +
            "Transfer-Encoding: chunked\r\n\r\n2;e\r\nhi\r\n0\r\nT: v\r\n\r\n"};
    Ignoring ignoring;
    RequestParser parser({}, ignoring);
    const auto read_all = [&parser, &requests] {
      for (const std::string& request : requests) {
        parser.reset();
        for (const char& byte : request) parser.feed(std::as_bytes(std::span(&byte, 1)));
        if (!parser.is_complete()) FAIL("incomplete");
      }
    };
    read_all();
    CHECK(allocations_of(read_all) == 0);
    CHECK(ignoring.fields == 16);
  }
}

}  // namespace allocation_test
