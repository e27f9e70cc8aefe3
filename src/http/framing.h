#pragma once

/// What a response's head says about its body and its connection (RFC 9112 sections 6.3 and 9.3):
/// pure functions.

#include <cstdint>
#include <optional>
#include <string_view>

#include <xtrace/error.h>
#include <xtrace/http.h>

namespace xtrace {

/// How the end of a body is found.
enum class Framing { none, sized, chunked, until_end };

/// No field, or one that is `chunked`: anything else is refused with `ambiguous_framing`. RFC 9112
/// would read a body whose last coding is not chunked until the end of the connection, and so would
/// llhttp; but a client that sends no TE field is promised that no other coding is used, so such a
/// response is a mistake or an attack. Returns the error, or nothing.
std::optional<Error> find_coding_fault(const Headers& headers);

/// `response.content_length` is set as announced; its codings have no fault.
Framing framing_of(std::string_view method, const Response& response);

/// Whether the connection may carry another request once the response is complete. HTTP/1.0 has no
/// chunked coding: a body that uses it there is read, and the connection is not trusted any further
/// (RFC 9112 section 6.1).
bool keeps_alive(const Response& response, Framing framing);

}  // namespace xtrace
