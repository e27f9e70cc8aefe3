#include <xtrace/http.h>

#include "fuzz/target.h"

/// What is accepted is clean, and reads back as itself; what is refused gives a reason.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xtrace;
  const Expected<Url> url = Url::parse(testing::as_text(data, size));
  if (const Error* error = url.if_error()) {
    testing::require(!error->message.empty());
    return 0;
  }
  for (const char c : url->full()) testing::require(c > ' ' && c < 0x7f);
  testing::require(url->path().front() == '/' && url->port() != 0 && !url->host().empty());
  const Expected<Url> again = Url::parse(url->full());
  testing::require(again.has_value());
  testing::require(again->full() == url->full() && again->host_is_ip() == url->host_is_ip());
  testing::require(!again->userinfo());

  Request request(*url);
  testing::require(check_request(request).has_value());
  const std::string head = serialize_head(request, "fuzz");
  testing::require(head.find("\r\n\r\n") == head.size() - 4);
  return 0;
}
