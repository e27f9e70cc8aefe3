#include "collect/api_body.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "collect/api_time.h"
#include "xray/json_cursor.h"

namespace xtrace::collect {

namespace {

// Past these a body costs more memory than its own.
constexpr std::size_t kMostMembers = 64;
constexpr std::size_t kMostElements = 10000;

/// `a text`, by how a value begins.
std::string_view kind_of(std::string_view value) {
  switch (value.front()) {
    case '"':
      return "a text";
    case '{':
      return "an object";
    case '[':
      return "a list";
    case 't':
    case 'f':
      return "a truth value";
    default:
      return "a number";
  }
}

std::string_view no_json_reason(const JsonCursor& cursor) {
  return cursor.stop() == JsonCursor::Stop::incomplete ? "it ends too early" : cursor.reason();
}

std::optional<double> body_number(std::string_view value) {
  double number = 0;
  const char* const end = value.data() + value.size();
  const auto read = std::from_chars(value.data(), end, number);
  return read.ec == std::errc{} && read.ptr == end ? std::optional(number) : std::nullopt;
}

}  // namespace

ApiBody::ApiBody(std::string_view text, std::string_view what) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return;
  if (const std::string reason = read(text); !reason.empty()) {
    complain(std::string{what} + ' ' + reason + '.');
  }
}

/// Why it cannot be read; empty where it can.
std::string ApiBody::read(std::string_view text) {
  JsonCursor cursor(text);
  if (cursor.token() != '{' && cursor.stop() == JsonCursor::Stop::none) {
    return "is no JSON object";
  }
  const bool is_whole = cursor.object([this, &cursor, text](const JsonText& name) {
    cursor.token();
    const std::size_t begin = cursor.offset();
    if (!cursor.skip_value()) return false;
    const std::string_view value = text.substr(begin, cursor.offset() - begin);
    if (value != "null") members_.push_back({name, value});
    return members_.size() <= kMostMembers;
  });
  if (members_.size() > kMostMembers) return "has too many members";
  if (!is_whole) {
    const std::string place = std::to_string(cursor.offset());
    return "is no JSON from byte " + place + " on: " + std::string{no_json_reason(cursor)};
  }
  cursor.token();
  return cursor.offset() == text.size() ? "" : "has something behind the object";
}

std::optional<std::string> ApiBody::text(std::string_view name) {
  const Member* member = find(name);
  if (member == nullptr) return std::nullopt;
  const std::optional<JsonText> text = json_text_of(member->value);
  if (text) return text->decode();
  complain_of_kind(*member, "a text");
  return std::nullopt;
}

std::optional<double> ApiBody::time(std::string_view name) {
  const Member* member = find(name);
  if (member == nullptr) return std::nullopt;
  const std::optional<JsonText> text = json_text_of(member->value);
  const std::optional<double> time = parse_api_time(text ? text->decode() : member->value);
  if (!time) complain_of_kind(*member, "a time from 1970 on, in seconds or in ISO 8601,");
  return time;
}

std::optional<std::uint64_t> ApiBody::count(std::string_view name) {
  const Member* member = find(name);
  if (member == nullptr) return std::nullopt;
  const std::optional<double> number = body_number(member->value);
  constexpr double kExact = 0x1p53;
  if (number && *number >= 0 && *number <= kExact && *number == std::floor(*number)) {
    return static_cast<std::uint64_t>(*number);
  }
  complain_of_kind(*member, "a whole number from 0 on");
  return std::nullopt;
}

std::vector<std::string_view> ApiBody::elements(std::string_view name) {
  std::vector<std::string_view> elements;
  const Member* member = find(name);
  if (member == nullptr) return elements;
  if (member->value.front() != '[') {
    complain_of_kind(*member, "a list");
    return elements;
  }
  JsonCursor cursor(member->value);
  cursor.array([&](std::size_t /*index*/) {
    cursor.token();
    const std::size_t begin = cursor.offset();
    if (!cursor.skip_value()) return false;
    elements.push_back(member->value.substr(begin, cursor.offset() - begin));
    return elements.size() <= kMostElements;
  });
  if (elements.size() > kMostElements) {
    complain(std::string{name} + " has more than " + std::to_string(kMostElements) + " elements.");
  }
  return elements;
}

std::vector<std::string> ApiBody::texts(std::string_view name) {
  std::vector<std::string> texts;
  for (const std::string_view element : elements(name)) {
    const std::optional<JsonText> text = json_text_of(element);
    if (text) {
      texts.push_back(text->decode());
    } else {
      complain(std::string{name} + " holds something that is no text.");
    }
  }
  return texts;
}

void ApiBody::require(std::string_view name) {
  if (find(name) == nullptr) complain(std::string{name} + " is missing.");
}

const ApiBody::Member* ApiBody::find(std::string_view name) const {
  const auto found = std::find_if(members_.rbegin(), members_.rend(),
                                  [name](const Member& member) { return member.name.means(name); });
  return found == members_.rend() ? nullptr : &*found;
}

void ApiBody::complain(std::string sentence) {
  if (!complaint_) complaint_ = std::move(sentence);
}

void ApiBody::complain_of_kind(const Member& member, std::string_view wanted) {
  std::string sentence = member.name.decode();
  sentence += " is ";
  sentence += kind_of(member.value);
  sentence += ", where ";
  sentence += wanted;
  sentence += " is wanted.";
  complain(std::move(sentence));
}

std::optional<JsonText> json_text_of(std::string_view value) {
  if (!value.starts_with('"')) return std::nullopt;
  JsonCursor cursor(value);
  return cursor.string();
}

}  // namespace xtrace::collect
