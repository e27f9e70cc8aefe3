#include "http/request_refusal.h"

#include <string>

namespace xtrace {

namespace {

using Outcome = LineScanner::Outcome;

std::string than_bytes(std::uint64_t limit) {
  return " larger than " + std::to_string(limit) + (limit == 1 ? " byte" : " bytes");
}

}  // namespace

RequestRefusal refused_request(int status, std::string_view deed) {
  return {status,
          {Error::Code::request_invalid, Phase::request, "the request " + std::string(deed)}};
}

RequestRefusal refused_head(const LineScanner& scanner, const LineScanner::Scan& scan,
                            std::size_t limit) {
  if (scan.outcome == Outcome::malformed) {
    const int status = scan.fault == LineScanner::kOtherVersion ? 505 : 400;
    return refused_request(status, "is not HTTP/1.x: " + std::string(scan.fault));
  }
  const bool is_target = scanner.is_in_target();
  const std::string part =
      is_target ? "the target of the request is" : "the head of the request is";
  return {is_target ? 414 : 431,
          {Error::Code::headers_too_large, Phase::request, part + than_bytes(limit)}};
}

RequestRefusal too_many_fields(std::size_t limit) {
  return {431,
          {Error::Code::headers_too_large, Phase::request,
           "the head of the request has more than " + std::to_string(limit) + " fields"}};
}

RequestRefusal refused_chunks(const ChunkedBody& chunks) {
  if (chunks.fault().outcome == Outcome::malformed) {
    return {400,
            {Error::Code::request_invalid, Phase::body,
             "the request's chunked body is malformed: " + std::string(chunks.fault().fault)}};
  }
  if (chunks.is_in_trailers()) {
    return {431,
            {Error::Code::headers_too_large, Phase::body,
             "the trailers of the request are" + than_bytes(chunks.limit())}};
  }
  return {400,
          {Error::Code::request_invalid, Phase::body,
           "the line before a chunk of the request is" + than_bytes(chunks.limit())}};
}

RequestRefusal too_large_body(std::uint64_t limit) {
  return {
      413,
      {Error::Code::body_too_large, Phase::body, "the body of the request is" + than_bytes(limit)}};
}

}  // namespace xtrace
