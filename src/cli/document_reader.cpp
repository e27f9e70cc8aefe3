#include "cli/document_reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"
#include "xray/datagram_header.h"

namespace xtrace::cli {

namespace {

using ItemKind = DocumentReader::Item::Kind;
using Stop = JsonCursor::Stop;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kMaxFrames = 64;

/// What the service's answers and requests, and the pieces that people cut them into, begin with. A
/// document's own fields begin with small letters.
constexpr auto kWrapperKeys = std::to_array<std::string_view>(
    {"Traces", "UnprocessedTraceIds", "NextToken", "ResponseMetadata", "Id", "Duration",
     "LimitExceeded", "Segments", "Document", "TraceSegmentDocuments"});
constexpr auto kWrappingKeys =
    std::to_array<std::string_view>({"Traces", "Segments", "Document", "TraceSegmentDocuments"});

bool is_one_of(std::span<const std::string_view> keys, const JsonText& key) {
  return std::ranges::any_of(keys, [&key](std::string_view one) { return key.means(one); });
}

/// RFC 7464 puts a record separator before each text.
constexpr bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\x1E';
}

std::string show_character(char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  if (c > ' ' && c <= '~') return std::string("\"") + c + "\"";
  const auto byte = static_cast<unsigned char>(c);
  return std::string("the byte ") + kDigits[byte >> 4U] + kDigits[byte & 0xFU];
}

std::uint64_t count_lines(std::string_view text) {
  return static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
}

std::string parse_error(std::string_view reason) {
  return std::string(reason) + " (" + std::string(to_string(ServiceError::parse_error)) + ")";
}

}  // namespace

DocumentReader::DocumentReader(ByteSource& source, const CheckOptions& check,
                               std::size_t first_size)
    : window_(source, first_size), check_(check) {}

DocumentReader::Item DocumentReader::next() {
  window_.drop(std::exchange(used_, 0));
  if (std::exchange(is_at_start_, false) && window_.hold(kByteOrderMark.size()) &&
      window_.text().starts_with(kByteOrderMark)) {
    window_.drop(kByteOrderMark.size());
  }
  while (true) {
    if (!skip_space()) return finish();
    Found found = frames_.empty() ? value() : inside();
    if (found) return *std::move(found);
  }
}

/// False where there is nothing more.
bool DocumentReader::skip_space() {
  while (true) {
    const std::string_view text = window_.text();
    std::size_t at = 0;
    while (at < text.size() && is_space(text[at])) {
      if (text[at++] != '\n') continue;
      indent_.clear();
      is_first_on_line_ = true;
    }
    if (is_first_on_line_) {
      const std::size_t line_begin = text.substr(0, at).rfind('\n') + 1;
      indent_.append(text.substr(line_begin, at - line_begin));
    }
    window_.drop(at);
    if (!window_.text().empty()) return true;
    if (!window_.extend()) return false;
  }
}

DocumentReader::Item DocumentReader::finish() {
  if (window_.error()) return {.kind = ItemKind::failed, .reason = window_.error()->message};
  if (frames_.empty()) return {.kind = ItemKind::end, .line = window_.line()};
  const std::string what = frames_.back().is_array ? "array" : "object";
  const std::string begin = std::to_string(frames_.back().line);
  frames_.clear();
  return refuse(window_.line(),
                parse_error("the input ends inside the " + what + " of line " + begin));
}

DocumentReader::Found DocumentReader::inside() {
  Frame& frame = frames_.back();
  const char first = window_.text().front();
  if (first == (frame.is_array ? ']' : '}')) {
    window_.drop(1);
    is_first_on_line_ = false;
    frames_.pop_back();
    return std::nullopt;
  }
  if (frame.wants_comma) {
    if (first != ',') return break_structure(Stop::broken, "a comma or an end is wanted");
    window_.drop(1);
    is_first_on_line_ = false;
    frame.wants_comma = false;
    return std::nullopt;
  }
  frame.wants_comma = true;
  return frame.is_array ? value() : wrapped_member();
}

/// A member of an answer or a request of the service: what may hold documents is gone into.
DocumentReader::Found DocumentReader::wrapped_member() {
  bool is_wanted = false;
  std::size_t value_offset = 0;
  const Stop stop = parse([&is_wanted, &value_offset](JsonCursor& cursor) {
    const std::optional<JsonText> key = cursor.string();
    if (!key || !cursor.colon()) return;
    cursor.token();
    value_offset = cursor.offset();
    is_wanted = is_one_of(kWrappingKeys, *key);
  });
  if (stop != Stop::none) return break_structure(stop, "a member's name and value are wanted");
  window_.drop(value_offset);
  is_first_on_line_ = false;
  return is_wanted ? value() : other_value();
}

DocumentReader::Found DocumentReader::value() {
  switch (window_.text().front()) {
    case '{':
      return object();
    case '[':
      return enter(true);
    case '"':
      return encoded();
    default:
      return frames_.empty() ? foreign_line() : other_value();
  }
}

DocumentReader::Found DocumentReader::enter(bool is_array) {
  if (frames_.size() == kMaxFrames) return break_structure(Stop::broken, "it is nested too deep");
  frames_.push_back({.is_array = is_array, .wants_comma = false, .line = window_.line()});
  window_.drop(1);
  is_first_on_line_ = false;
  return std::nullopt;
}

DocumentReader::Found DocumentReader::object() {
  bool is_wrapper = false;
  bool may_be_header = false;
  parse([&is_wrapper, &may_be_header](JsonCursor& cursor) {
    cursor.object([&is_wrapper, &may_be_header](const JsonText& key) {
      is_wrapper = is_one_of(kWrapperKeys, key);
      may_be_header = same_word(key.raw, "format") || same_word(key.raw, "version");
      return false;
    });
  });
  if (is_wrapper) return enter(false);
  if (!may_be_header) return checked_object();
  std::size_t length = 0;
  parse([&length](JsonCursor& cursor) {
    cursor.skip_value();
    length = cursor.offset();
  });
  if (!is_datagram_header(window_.text().substr(0, length))) return checked_object();
  window_.drop(length);
  is_first_on_line_ = false;
  return std::nullopt;
}

DocumentReader::Found DocumentReader::checked_object() {
  CheckVerdict verdict = check_document(window_.text(), check_);
  while (verdict.kind == CheckVerdict::Kind::incomplete && window_.extend()) {
    verdict = check_document(window_.text(), check_);
  }
  switch (verdict.kind) {
    case CheckVerdict::Kind::incomplete:
      return break_off(0, lack_reason());
    case CheckVerdict::Kind::broken:
      return break_off(verdict.fault.offset, verdict.fault.reason);
    case CheckVerdict::Kind::valid:
    case CheckVerdict::Kind::refused:
      break;
  }
  used_ = verdict.length;
  is_first_on_line_ = false;
  return judge(window_.text().substr(0, used_), std::move(verdict));
}

DocumentReader::Item DocumentReader::judge(std::string_view text, CheckVerdict verdict) {
  if (verdict.kind == CheckVerdict::Kind::valid) {
    return {.kind = ItemKind::document,
            .line = window_.line(),
            .text = text,
            .reason = {},
            .verdict = std::move(verdict)};
  }
  Item item = refuse(window_.line() + count_lines(text.substr(0, verdict.fault.offset)),
                     verdict.fault.message());
  item.text = text;
  return item;
}

/// A document as a text: what it means is a document, maybe with a header line and white space.
DocumentReader::Found DocumentReader::encoded() {
  const Stop stop = parse([this](JsonCursor& cursor) {
    const std::optional<JsonText> text = cursor.string();
    if (text) text->decode_into(decoded_);
    used_ = cursor.offset();
  });
  if (stop != Stop::none) return break_structure(stop, "the text is broken");
  is_first_on_line_ = false;
  std::string_view text = decoded_;
  const std::size_t first_line = text.find('\n');
  if (first_line != std::string_view::npos && is_datagram_header(text.substr(0, first_line))) {
    text.remove_prefix(first_line);
  }
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  const std::uint64_t line = window_.line();
  if (!text.starts_with('{')) return refuse(line, parse_error("the text holds no JSON object"));
  CheckVerdict verdict = check_document(text, check_);
  switch (verdict.kind) {
    case CheckVerdict::Kind::incomplete:
      return refuse(line, parse_error("the text ends inside the document"));
    case CheckVerdict::Kind::broken:
      return refuse(line, parse_error(verdict.fault.reason));
    case CheckVerdict::Kind::refused: {
      Item item = refuse(line, verdict.fault.message());
      item.text = text.substr(0, verdict.length);
      return item;
    }
    case CheckVerdict::Kind::valid:
      break;
  }
  if (text.find_first_not_of(" \t\r\n", verdict.length) != std::string_view::npos) {
    return refuse(line, parse_error("the text goes on behind the document"));
  }
  const std::string_view document = text.substr(0, verdict.length);
  return judge(document, std::move(verdict));
}

/// Something that is no document inside an array or a wrapping object.
DocumentReader::Found DocumentReader::other_value() {
  const bool is_element = frames_.back().is_array;
  const std::uint64_t line = window_.line();
  std::size_t length = 0;
  const Stop stop = parse([&length](JsonCursor& cursor) {
    cursor.skip_value();
    length = cursor.offset();
    // Only what comes next tells where a number ends.
    cursor.token();
  });
  if (stop != Stop::none) return break_structure(stop, "a value is wanted");
  window_.drop(length);
  is_first_on_line_ = false;
  if (!is_element) return std::nullopt;
  return refuse(line, parse_error("an element of the array is no document"));
}

DocumentReader::Found DocumentReader::foreign_line() {
  Item item = refuse(window_.line(), parse_error("no JSON document begins with " +
                                                 show_character(window_.text().front())));
  skip_line();
  return item;
}

DocumentReader::Item DocumentReader::refuse(std::uint64_t line, std::string reason) const {
  return {.kind = ItemKind::refused, .line = line, .text = {}, .reason = std::move(reason)};
}

DocumentReader::Item DocumentReader::break_off(std::size_t offset, std::string_view reason) {
  const std::string_view before = window_.text().substr(0, offset);
  const std::uint64_t lines = count_lines(before);
  std::string sentence(reason);
  if (lines > 0) {
    sentence += ", in line " + std::to_string(window_.line() + lines);
    sentence += ", column " + std::to_string(offset - before.rfind('\n'));
  }
  Item item = refuse(window_.line(), parse_error(sentence));
  if (!is_first_on_line_) {
    frames_.clear();
    indent_.clear();
  } else if (!frames_.empty()) {
    frames_.back().wants_comma = false;
  }
  skip_to_line(indent_ + "{");
  return item;
}

/// What holds documents is broken itself: it is left, and what comes next stands for itself.
DocumentReader::Item DocumentReader::break_structure(JsonCursor::Stop stop,
                                                     std::string_view reason) {
  Item item =
      refuse(window_.line(), parse_error(stop == Stop::incomplete ? lack_reason() : reason));
  frames_.clear();
  if (window_.text().front() != '{') skip_line();
  return item;
}

std::string_view DocumentReader::lack_reason() const {
  return window_.is_at_end() ? "the input ends inside the document"
                             : "the document is larger than 16 MiB";
}

/// Goes to the end of the line.
void DocumentReader::skip_line() {
  used_ = 0;
  while (true) {
    const std::size_t end = window_.text().find('\n');
    window_.drop(std::min(end, window_.text().size()));
    if (end != std::string_view::npos || !window_.extend()) return;
  }
}

/// Goes to the next line that begins so.
void DocumentReader::skip_to_line(std::string_view beginning) {
  while (true) {
    skip_line();
    const bool may_be = window_.hold(1 + beginning.size());
    if (may_be && window_.text().substr(1).starts_with(beginning)) return;
    if (window_.text().empty()) return;
    window_.drop(1);
  }
}

template <typename Parse>
JsonCursor::Stop DocumentReader::parse(Parse&& parse) {
  while (true) {
    JsonCursor cursor(window_.text());
    parse(cursor);
    if (cursor.stop() != Stop::incomplete || !window_.extend()) return cursor.stop();
  }
}

}  // namespace xtrace::cli
