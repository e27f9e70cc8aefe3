#pragma once

/// Refusals of a request, in one sentence each: which rule it broke, never what it held.

#include <string_view>

#include "http/chunked_body.h"
#include "http/request_parser.h"

namespace xtrace {

/// The head breaks a rule. `deed` goes on from "the request ...".
RequestRefusal refused_request(int status, std::string_view deed);
/// What the scanner found in a head of at most `limit` bytes.
RequestRefusal refused_head(const LineScanner& scanner, const LineScanner::Scan& scan,
                            std::size_t limit);
RequestRefusal too_many_fields(std::size_t limit);

RequestRefusal refused_chunks(const ChunkedBody& chunks);
RequestRefusal too_large_body(std::uint64_t limit);

}  // namespace xtrace
