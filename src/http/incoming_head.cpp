#include "http/incoming_head.h"

#include <charconv>

#include "http/comma_list.h"
#include "http/request_refusal.h"
#include "http/request_target.h"

namespace xtrace {

namespace {

constexpr std::string_view kLineEnd = "\r\n";

std::optional<std::uint64_t> parse_length(std::string_view text) {
  std::uint64_t length = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, fault] = std::from_chars(text.data(), end, length);
  if (fault != std::errc() || stopped != end) return std::nullopt;
  return length;
}

}  // namespace

void IncomingHead::clear() {
  text_.clear();
  fields_.clear();
  request_ = {};
}

std::optional<RequestRefusal> IncomingHead::read() {
  read_request_line();
  if (Verdict refused = read_fields()) return refused;
  // The server speaks for itself and is no proxy; the target's form is not looked at.
  if (request_.method == "CONNECT") return refused_request(501, "asks for a tunnel with CONNECT");
  if (Verdict refused = read_target()) return refused;
  if (Verdict refused = read_length()) return refused;
  if (Verdict refused = read_coding()) return refused;
  if (Verdict refused = read_host()) return refused;
  return read_expectation();
}

void IncomingHead::read_request_line() {
  std::string_view text = text_;
  if (text.starts_with(kLineEnd)) text.remove_prefix(kLineEnd.size());
  const std::size_t method_end = text.find(' ');
  const std::size_t target_end = text.find(' ', method_end + 1);
  const std::size_t line_end = text.find(kLineEnd, target_end);
  request_.method = text.substr(0, method_end);
  request_.target = text.substr(method_end + 1, target_end - method_end - 1);
  request_.version_minor = text[line_end - 1] - '0';
  fields_at_ = text_.size() - text.size() + line_end + kLineEnd.size();
}

std::string_view IncomingHead::field_lines() const {
  return std::string_view(text_).substr(fields_at_);
}

IncomingHead::Verdict IncomingHead::read_fields() {
  std::string_view rest = field_lines();
  while (!rest.starts_with(kLineEnd)) {
    if (fields_.size() == kMaxFields) return too_many_fields(kMaxFields);
    const std::size_t colon = rest.find(':');
    const std::size_t end = rest.find('\r', colon);
    fields_.push_back(
        {.name = rest.substr(0, colon), .value = trim(rest.substr(colon + 1, end - colon - 1))});
    rest.remove_prefix(end + kLineEnd.size());
  }
  request_.fields = fields_;
  return std::nullopt;
}

IncomingHead::Verdict IncomingHead::read_target() {
  const Expected<TargetParts> parts = split_target(request_.method, request_.target);
  if (const Error* error = parts.if_error()) return RequestRefusal{400, *error};
  request_.host = parts->host;
  request_.path = parts->path;
  request_.query = parts->query;
  return std::nullopt;
}

IncomingHead::Verdict IncomingHead::read_length() {
  const Found length = find("Content-Length");
  if (length.count == 0) return std::nullopt;
  if (length.count > 1) return refused_request(400, "has more than one Content-Length");
  request_.content_length = parse_length(length.first->value);
  if (request_.content_length) return std::nullopt;
  return refused_request(400, "has a Content-Length that is not one decimal number below 2^64");
}

// Codings may be spread over several fields, and parsers differ in which of them they see.
IncomingHead::Verdict IncomingHead::read_coding() {
  int codings = 0;
  for (const FieldView& field : fields_) {
    if (!same_word(field.name, "Transfer-Encoding")) continue;
    std::string_view rest = field.value;
    do {
      const std::string_view coding = take_element(rest);
      if (coding.empty()) return refused_request(400, "has an empty Transfer-Encoding");
      if (request_.is_chunked) return refused_request(400, "has a transfer coding behind chunked");
      request_.is_chunked = same_word(coding, "chunked");
      ++codings;
    } while (!rest.empty());
    if (field.value.ends_with(',')) return refused_request(400, "has an empty Transfer-Encoding");
  }
  if (codings == 0) return std::nullopt;
  if (request_.version_minor == 0) {
    return refused_request(400, "has a Transfer-Encoding in HTTP/1.0");
  }
  if (request_.content_length) {
    return refused_request(400, "has both Content-Length and Transfer-Encoding");
  }
  if (!request_.is_chunked) {
    return refused_request(400, "has a Transfer-Encoding that does not end in chunked");
  }
  if (codings > 1) return refused_request(501, "has a transfer coding other than chunked");
  return std::nullopt;
}

IncomingHead::Verdict IncomingHead::read_host() {
  const Found host = find("Host");
  if (host.count > 1) return refused_request(400, "has more than one Host");
  if (host.count == 0) {
    if (request_.version_minor == 0) return std::nullopt;
    return refused_request(400, "has no Host");
  }
  if (!is_host_and_port(host.first->value)) return refused_request(400, "has an invalid Host");
  if (request_.host.empty()) request_.host = host.first->value;
  return std::nullopt;
}

IncomingHead::Verdict IncomingHead::read_expectation() {
  bool is_expected = false;
  for (const FieldView& field : fields_) {
    if (!same_word(field.name, "Expect")) continue;
    if (!same_word(field.value, "100-continue")) {
      return refused_request(417, "expects something other than 100-continue");
    }
    is_expected = true;
  }
  // A client of HTTP/1.0 knows no 100.
  request_.expects_continue = is_expected && request_.has_body() && request_.version_minor > 0;
  return std::nullopt;
}

IncomingHead::Found IncomingHead::find(std::string_view name) const {
  Found found;
  for (const FieldView& field : fields_) {
    if (!same_word(field.name, name)) continue;
    if (found.count++ == 0) found.first = &field;
  }
  return found;
}

bool IncomingHead::keeps_alive() const {
  if (lists(fields_, "Connection", "close")) return false;
  return request_.version_minor > 0 || lists(fields_, "Connection", "keep-alive");
}

}  // namespace xtrace
