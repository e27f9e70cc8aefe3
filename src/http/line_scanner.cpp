#include "http/line_scanner.h"

#include <algorithm>

#include "http/characters.h"

namespace xtrace {

namespace {

constexpr std::string_view kLoneLineFeed = "a line ends in LF without CR";

constexpr std::string_view kNoVersion = "the request line has no version";
// `d` is any digit.
constexpr std::string_view kVersion = "HTTP/d.d";

// Of a target (RFC 9112 section 3.2), and what clients send unescaped all the same; a fragment is
// no part of one.
bool is_target_character(char c) {
  return is_ascii(c) && !is_control(c) && c != ' ' && c != '#';
}

std::string_view fault_of_method(char c) {
  if (c == '\n') return kLoneLineFeed;
  if (c == '\x15' || c == '\x16') return "it is a TLS record: this port speaks plain HTTP";
  return "it does not begin with a method and a space";
}

std::string_view fault_of_target(char c) {
  if (c == '#') return "the target has a fragment";
  if (c == ' ') return "more than one space stands before the target";
  return "the target holds a character that no URL has";
}

// `x` is the minor version, `c` the status' first digit, `d` the others.
constexpr std::string_view kStatusLine = "HTTP/1.x cdd";

bool fits_status_line(std::size_t at, char c) {
  switch (kStatusLine[at]) {
    case 'x':
      return c == '0' || c == '1';
    case 'c':
      return c >= '1' && c <= '9';
    case 'd':
      return is_digit(c);
    default:
      return c == kStatusLine[at];
  }
}

std::string_view fault_of_first_byte(char c) {
  if (c == '\x15' || c == '\x16') return "it is a TLS record: is this an https port?";
  if (c == '\0') return "it looks like an HTTP/2 frame";
  return "it does not begin with an HTTP/1.x status line";
}

}  // namespace

void LineScanner::begin(Section section, std::size_t limit) {
  switch (section) {
    case Section::request:
      state_ = State::before_request;
      break;
    case Section::head:
      state_ = State::status;
      break;
    case Section::chunk_size:
      state_ = State::size_begin;
      break;
    case Section::chunk_end:
      state_ = State::chunk_end;
      break;
    case Section::trailers:
      state_ = State::field_begin;
      break;
  }
  size_ = 0;
  limit_ = limit;
  kept_size_ = 0;
}

LineScanner::Scan LineScanner::scan(std::string_view bytes) {
  const std::size_t allowed = std::min(bytes.size(), limit_ - size_);
  for (std::size_t i = 0; i < allowed; ++i, ++size_) {
    const std::size_t run = plain_run(bytes.substr(i, allowed - i));
    i += run;
    size_ += run;
    if (i == allowed) break;
    if (const std::string_view fault = step(bytes[i]); !fault.empty()) {
      return {Outcome::malformed, i, fault};
    }
    if (state_ == State::done) {
      ++size_;
      return {Outcome::complete, i + 1, {}};
    }
  }
  // Judged with the last byte that is allowed, not with the first one past it: wherever the bytes
  // are split, the outcome is the same.
  return {size_ == limit_ ? Outcome::too_large : Outcome::needs_more, allowed, {}};
}

// Most of a head are bytes that change nothing.
std::size_t LineScanner::plain_run(std::string_view bytes) const {
  std::size_t run = 0;
  if (state_ == State::field_value || state_ == State::reason || state_ == State::extension) {
    while (run < bytes.size() && is_field_character(bytes[run])) ++run;
  } else if (state_ == State::field_name) {
    while (run < bytes.size() && is_token_character(bytes[run])) ++run;
  } else if (state_ == State::target) {
    while (run < bytes.size() && is_target_character(bytes[run])) ++run;
  }
  return run;
}

std::string_view LineScanner::step(char c) {
  switch (state_) {
    case State::empty_line_end:
      return on_line_feed(c, State::request_begin);
    case State::before_request:
    case State::request_begin:
    case State::method:
      return on_method(c);
    case State::target_begin:
    case State::target:
      return on_target(c);
    case State::version:
      return on_version(c);
    case State::status:
      return on_status(c);
    case State::reason:
    case State::field_value:
      return on_text(c, State::line_end);
    case State::extension:
      return on_text(c, State::last_line_end);
    case State::line_end:
      return on_line_feed(c, State::field_begin);
    case State::field_begin:
      return on_field_begin(c);
    case State::field_name:
      return on_field_name(c);
    case State::size_begin:
    case State::size:
      return on_chunk_size(c);
    case State::chunk_end:
      state_ = State::last_line_end;
      return c == '\r' ? std::string_view() : "a chunk is longer than its announced size";
    case State::last_line_end:
      return on_line_feed(c, State::done);
    case State::done:
      break;
  }
  return "bytes follow its end";
}

std::string_view LineScanner::on_method(char c) {
  if (is_token_character(c)) {
    state_ = State::method;
    return {};
  }
  if (state_ == State::before_request && c == '\r') {
    state_ = State::empty_line_end;
  } else if (state_ == State::method && c == ' ') {
    state_ = State::target_begin;
  } else {
    return fault_of_method(c);
  }
  return {};
}

std::string_view LineScanner::on_target(char c) {
  if (is_target_character(c)) {
    state_ = State::target;
    return {};
  }
  if (c == '\r' || c == '\n') return kNoVersion;
  if (c != ' ' || state_ != State::target) return fault_of_target(c);
  state_ = State::version;
  return {};
}

std::string_view LineScanner::on_version(char c) {
  if (kept_size_ < kVersion.size()) {
    const char expected = kVersion[kept_size_];
    if (!(expected == 'd' ? is_digit(c) : c == expected)) {
      return "the request line does not end in a version like HTTP/1.1";
    }
    kept_[kept_size_++] = c;
    return {};
  }
  if (c == '\n') return kLoneLineFeed;
  if (c != '\r') return "the request line does not end behind its version";
  const std::string_view version(kept_.data(), kept_size_);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return kOtherVersion;
  state_ = State::line_end;
  return {};
}

std::string_view LineScanner::on_status(char c) {
  if (size_ < kStatusLine.size()) {
    if (fits_status_line(size_, c)) return {};
    return size_ == 0 ? fault_of_first_byte(c) : fault_of_first_byte('H');
  }
  // Servers do leave out the space before an empty reason.
  if (c == ' ') {
    state_ = State::reason;
  } else if (c == '\r') {
    state_ = State::line_end;
  } else {
    return c == '\n' ? kLoneLineFeed : "the status is not a number of three digits";
  }
  return {};
}

std::string_view LineScanner::on_text(char c, State after) {
  if (is_field_character(c)) return {};
  if (c == '\n') return kLoneLineFeed;
  if (c != '\r') return "a line holds a control character";
  state_ = after;
  return {};
}

std::string_view LineScanner::on_field_begin(char c) {
  if (is_token_character(c)) {
    state_ = State::field_name;
  } else if (c == '\r') {
    state_ = State::last_line_end;
  } else if (c == ' ' || c == '\t') {
    return "a line begins with white space, the obsolete folding of a header";
  } else {
    return c == '\n' ? kLoneLineFeed : "a header's name is missing or no token";
  }
  return {};
}

std::string_view LineScanner::on_field_name(char c) {
  if (is_token_character(c)) return {};
  if (c == ' ' || c == '\t') return "white space follows a header's name";
  if (c != ':') return "a line is no header: it has no colon behind a name";
  state_ = State::field_value;
  return {};
}

std::string_view LineScanner::on_chunk_size(char c) {
  if (is_hex_digit(c)) {
    if (kept_size_ == kept_.size()) return "a chunk's size has more than 16 digits";
    kept_[kept_size_++] = c;
    state_ = State::size;
    return {};
  }
  if (state_ == State::size && c == ';') {
    state_ = State::extension;
  } else if (state_ == State::size && c == '\r') {
    state_ = State::last_line_end;
  } else {
    return c == '\n' ? kLoneLineFeed : "a chunk's size is not a hexadecimal number";
  }
  return {};
}

std::string_view LineScanner::on_line_feed(char c, State after) {
  state_ = after;
  return c == '\n' ? std::string_view() : "a CR is not followed by LF";
}

}  // namespace xtrace
