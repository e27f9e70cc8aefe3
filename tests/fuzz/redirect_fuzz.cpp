#include "fuzz/target.h"
#include "http/redirect.h"
#include "http/url_text.h"

/// A Location gives a clean URL or a reason; one that names no host stays where it was, and what
/// goes to another host takes no secrets along.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xtrace;
  const std::string_view location = testing::as_text(data, size);
  Request sent(*Url::parse("https://user:pw@example.com:444/a/b?c#d"));
  sent.headers = {{"Cookie", "secret"}, {"Host", "virtual"}};
  Response response;
  response.status = 302;
  response.headers.add("Location", location);
  const auto next = follow_redirect(sent, response, RedirectOrigin(sent));
  if (const Error* error = next.if_error()) {
    testing::require(error->code == Error::Code::bad_redirect && !error->message.empty());
    return 0;
  }
  if (location.empty()) return 0;
  const Request& request = **next;
  for (const char c : request.url.full()) testing::require(c > ' ' && c < 0x7f);
  testing::require(Url::parse(request.url.full())->full() == request.url.full());
  const std::string& host = request.url.host();
  testing::require(names_host(location) || host == "example.com");
  testing::require(names_host(location) == !request.headers.contains("Host"));
  const bool is_within = host == "example.com" || host.ends_with(".example.com");
  testing::require(is_within || !request.headers.contains("Cookie"));
  testing::require(check_request(request).has_value());
  return 0;
}
