#include "instrument/physical_request.h"

namespace xtrace {

namespace {

bool is_lost(const Error* error) {
  return error != nullptr && error->code == Error::Code::redundant;
}

}  // namespace

void record_http(Subsegment& subsegment, const PhysicalRequest& request, bool redacts) {
  const std::string url = redacts ? request.url.redacted() : request.url.full();
  subsegment.set_http_request({.method = request.method, .url = url, .keep_secrets = !redacts});
  if (request.response == nullptr) return;
  const Response& response = *request.response;
  if (!is_lost(request.error)) subsegment.set_status(response.status);
  // What was announced; a chunked body announces nothing, then what came counts.
  std::optional<std::uint64_t> length = response.content_length;
  const std::uint64_t received = request.timeline.response_body_bytes;
  if (!length && (request.counts_bodies || received > 0)) length = received;
  subsegment.set_http_response({.status = response.status, .content_length = length});
}

void record_error(Subsegment& subsegment, const Error* error) {
  if (error == nullptr) return;
  if (is_lost(error)) {
    subsegment.set_metadata("httpx", "outcome", error->message);
  } else {
    subsegment.add_exception(to_string(error->code), error->message);
  }
}

}  // namespace xtrace
