#include <string>

#include <doctest/doctest.h>

#include "http/request_record.h"

using namespace xtrace;
using namespace xtrace::testing;

namespace {

const std::string kHost = "Host: a.example\r\n";
const std::string kGet = "GET /p?q HTTP/1.1\r\n" + kHost + "\r\n";
const std::string kPost = "POST /p HTTP/1.1\r\n" + kHost + "Content-Length: 5\r\n\r\nhello";
const std::string kChunked = "POST /p HTTP/1.1\r\n" + kHost +
                             "Transfer-Encoding: chunked\r\n\r\n"
                             "2\r\nhe\r\n3;x=\"y\"\r\nllo\r\n0\r\nT: v\r\n\r\n";

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
}
