#pragma once

/// What the X-Ray service says through the daemon, apart from sampling (xray/json_sampling.cpp):
/// why it refuses, and what it thinks of each document. And how documents are sent to it.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/expected.h>
#include <xtrace/http.h>
#include <xtrace/reliable_emitter.h>

namespace xtrace {

/// Why a status other than 200: `ThrottledException`, `slow down`. Either may be empty; both are
/// cut to a length that fits a sentence, and hold no control characters.
struct ServiceComplaint {
  std::string type{};
  std::string message{};

  bool is_throttling() const;
};

/// From the field `X-Amzn-ErrorType` or from the body, whatever that is.
ServiceComplaint read_complaint(const Response& response);

/// The body of `POST /TraceSegments`.
std::string write_segments_request(std::span<const std::string_view> documents);

/// The verdicts of its answer: the documents that were not accepted. Fails with `invalid_reply`.
Expected<std::vector<DocumentVerdict>> parse_segments_reply(std::string_view json);

/// The verdict on a document that made the service refuse a whole request with `error`.
DocumentVerdict refusal_verdict(std::string_view document, const Error& error);

}  // namespace xtrace
