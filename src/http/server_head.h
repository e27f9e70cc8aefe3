#pragma once

/// The head of an answer as a server writes it: pure functions on text.

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include <xtrace/http.h>

namespace xtrace {

/// RFC 9110's phrase for a status, or an empty text.
std::string_view reason_of(int status);

/// Whether the server itself writes a field of that name.
bool is_servers_own_field(std::string_view name);

/// `Name: value` CRLF. What would end the line inside the value becomes a space, as Go's server has
/// it, so that nobody who has a say in a value adds fields; a name that is no token is left out.
void append_field(std::string& out, std::string_view name, std::string_view value);

/// How the end of the answer's body is found.
struct AnswerFraming {
  std::optional<std::uint64_t> content_length{};
  bool is_chunked = false;
};

/// Whether an answer with that status has a body and a length (RFC 9110 section 6.4.1).
constexpr bool may_have_body(int status) {
  return status != 204 && status != 304;
}

/// The Date field's text, made once a second.
class DateText {
 public:
  std::string_view now();

 private:
  std::time_t second_ = -1;
  std::string text_;
};

/// The status line, and the fields that every answer begins with.
void begin_head(std::string& out, int status, std::string_view date);
void append_framing(std::string& out, const AnswerFraming& framing);

}  // namespace xtrace
