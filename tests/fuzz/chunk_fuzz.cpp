#include "fuzz/target.h"
#include "http/request_record.h"

/// A chunked body, cut where the first byte says, is the same body for a server and for a client.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xtrace;
  if (size == 0) return 0;
  const std::string_view bytes = testing::as_text(data + 1, size - 1);
  const std::size_t at = std::min<std::size_t>(data[0], bytes.size());
  testing::RequestRecord request;
  request.feed("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  request.feed(bytes.substr(0, at));
  request.feed(bytes.substr(at));
  testing::Exchange response;
  response.feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (const char& byte : bytes) response.feed({&byte, 1});

  testing::require(request.body.size() == request.parser.body_size());
  if (request.status() == 413) return 0;  // a limit that only servers have
  testing::require(request.body == response.record.body);
  // Fields of a message in the trailers trouble the client, who keeps them.
  if (!request.parser.refusal()) return 0;
  testing::require(response.error && !response.parser.is_complete());
  return 0;
}
