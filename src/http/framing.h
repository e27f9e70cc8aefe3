#pragma once

/// What a response's head says about its body and its connection (RFC 9112 sections 6.3 and 9.3):
/// pure functions.

#include <string_view>

#include <xtrace/http.h>

namespace xtrace {

/// How the end of a body is found.
enum class Framing { none, sized, chunked, until_end };

/// Whether there is a Transfer-Encoding other than one field that is `chunked`; it is refused. RFC
/// 9112 would read a body whose last coding is not chunked until the end of the connection, and so
/// would llhttp; but a client that sends no TE field is promised that no other coding is used, so
/// such a response is a mistake or an attack.
bool has_other_coding(const Headers& headers);

/// `response.content_length` is set as announced; its codings have no fault.
Framing framing_of(std::string_view method, const Response& response);

/// Whether the connection may carry another request once the response is complete. HTTP/1.0 has no
/// chunked coding: a body that uses it there is read, and the connection is not trusted any further
/// (RFC 9112 section 6.1).
bool keeps_alive(const Response& response, Framing framing);

}  // namespace xtrace
