#include "http/parser_errors.h"

namespace xtrace {

namespace {

std::string count_bytes(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " byte" : " bytes");
}

Error too_large(LineScanner::Section section, std::size_t limit) {
  const std::string size = "larger than " + count_bytes(limit);
  switch (section) {
    case LineScanner::Section::head:
      return {Error::Code::headers_too_large, Phase::response,
              "the head of the response is " + size};
    case LineScanner::Section::trailers:
      return {Error::Code::body_invalid, Phase::body, "the trailers of the response are " + size};
    default:
      return {Error::Code::body_invalid, Phase::body, "the line before a chunk is " + size};
  }
}

}  // namespace

Error refused_lines(LineScanner::Section section, const LineScanner::Scan& scan,
                    std::size_t limit) {
  if (scan.outcome == LineScanner::Outcome::too_large) return too_large(section, limit);
  return section == LineScanner::Section::head ? malformed_head(scan.fault)
                                               : malformed_chunks(scan.fault);
}

Error refused_coding() {
  return {Error::Code::ambiguous_framing, Phase::response,
          "the response's Transfer-Encoding is not \"chunked\" alone"};
}

Error refused_upgrade() {
  return {Error::Code::upgrade_refused, Phase::response,
          "the peer answered 101 Switching Protocols, which the request did not ask for"};
}

Error too_many_interim_responses(int limit) {
  return {Error::Code::too_many_interim, Phase::response,
          "the peer sent more than " + std::to_string(limit) + " interim responses"};
}

Error malformed_head(std::string_view reason) {
  return {Error::Code::not_http, Phase::response,
          "the answer is not HTTP/1.x: " + std::string(reason)};
}

Error malformed_chunks(std::string_view reason) {
  return {Error::Code::body_invalid, Phase::body,
          "the chunked body is malformed: " + std::string(reason)};
}

Error head_cut_after(std::size_t received, int interims) {
  if (received > 0) {
    return {Error::Code::head_cut, Phase::response,
            "the connection ended inside the head of the response, after " + count_bytes(received)};
  }
  if (interims > 0) {
    return {Error::Code::head_cut, Phase::response,
            "the connection ended after an interim response and before the final one"};
  }
  return {Error::Code::empty_reply, Phase::response,
          "the peer closed the connection without an answer"};
}

Error sized_body_cut_after(std::uint64_t received, std::uint64_t announced) {
  return {Error::Code::body_cut, Phase::body,
          "the connection ended " + count_bytes(announced - received) +
              " before the end of the body (announced " + std::to_string(announced) + ")"};
}

Error chunked_body_cut_after(std::uint64_t received, std::uint64_t chunk_left) {
  std::string place = "between two chunks";
  if (chunk_left > 0) place = count_bytes(chunk_left) + " before the end of a chunk";
  return {Error::Code::body_cut, Phase::body,
          "the connection ended " + place + ", after " + count_bytes(received) + " of the body"};
}

Error trailers_cut() {
  return {Error::Code::body_cut, Phase::body, "the connection ended inside the trailers"};
}

}  // namespace xtrace
