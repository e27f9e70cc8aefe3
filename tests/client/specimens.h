#pragma once

/// Answers of every kind that HTTP/1.1 knows, with what a client must make of them: for tests that
/// cut them into pieces.

#include <string>
#include <string_view>
#include <vector>

#include "http/coded_bodies.h"

namespace xtrace::testing {

struct Specimen {
  std::string name;
  std::string bytes;  ///< The whole answer.
  int status = 200;
  std::string body{};  ///< As the caller gets it.
  bool is_kept = true;
  bool ends_with_connection = false;  ///< Only the end of the connection is the end of the body.
  std::string method = "GET";
  std::size_t interims = 0;
};

inline Specimen coded(std::string coding, std::string_view digits) {
  const std::string body = from_hex(digits);
  std::string head = "HTTP/1.1 200 OK\r\nContent-Encoding: " + coding +
                     "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  return {.name = std::move(coding), .bytes = std::move(head) + body, .body = coded_text()};
}

inline std::vector<Specimen> framed_specimens() {
  return {
      {.name = "sized",
       .bytes = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
       .body = "hello"},
      {.name = "chunked with extensions and trailers",
       .bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
                "3;a=\"b\"\r\nhel\r\n2\r\nlo\r\n0\r\nX-Sum: 9\r\n\r\n",
       .body = "hello"},
      {.name = "until the end",
       .bytes = "HTTP/1.0 200 OK\r\nServer: old\r\n\r\nhello",
       .body = "hello",
       .is_kept = false,
       .ends_with_connection = true},
      {.name = "after interim answers",
       .bytes = "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
       .body = "ok",
       .interims = 2},
      {.name = "without content",
       .bytes = "HTTP/1.1 204 No Content\r\nDate: x\r\n\r\n",
       .status = 204},
      {.name = "not modified",
       .bytes = "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n",
       .status = 304},
      {.name = "to HEAD",
       .bytes = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n",
       .method = "HEAD"},
      {.name = "the last on its connection",
       .bytes = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
       .body = "ok",
       .is_kept = false},
      {.name = "an error",
       .bytes =
           "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 4\r\n\r\nbusy",
       .status = 503,
       .body = "busy"},
  };
}

inline std::vector<Specimen> coded_specimens() {
  return {coded("gzip", kGzip), coded("br", kBrotli), coded("zstd", kZstd)};
}

}  // namespace xtrace::testing
