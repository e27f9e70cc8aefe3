#include "base/json_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "base/utf8.h"

namespace xtrace {

namespace {

/// True for the bytes that stand for themselves inside a JSON string without a closer look.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t byte = 0x20; byte < 0x80; ++byte) plain[byte] = byte != '"' && byte != '\\';
  return plain;
}();

/// Whether eight bytes all stand for themselves: as `kPlain`, at once.
bool are_plain(const char* bytes) {
  constexpr std::uint64_t kEach = 0x0101010101010101;
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  // The highest bit of a byte is set where it is no ASCII, or where the subtraction had to borrow.
  const std::uint64_t special = word | (word - kEach * ' ') | ((word ^ kEach * '"') - kEach) |
                                ((word ^ kEach * '\\') - kEach);
  return (special & kEach * 0x80) == 0;
}

// The longest double in fixed notation has 309 digits before its point. Clearing that many bytes
// for each number would cost more than writing it.
struct NumberText {
  template <class Number, class... Format>
  // NOLINTNEXTLINE(*-member-init)
  explicit NumberText(Number value, Format... format) {
    const auto written = std::to_chars(bytes.data(), bytes.data() + bytes.size(), value, format...);
    size = static_cast<std::size_t>(written.ptr - bytes.data());
  }

  std::string_view view() const { return {bytes.data(), size}; }

  std::array<char, 352> bytes;
  std::size_t size;
};

}  // namespace

void JsonWriter::key(std::string_view name) {
  separate();
  put('"');
  append_escaped(name);
  put('"');
  put(':');
  wants_comma_ = false;
}

void JsonWriter::string(std::string_view text) {
  separate();
  put('"');
  append_escaped(text);
  put('"');
  finish();
}

void JsonWriter::integer(std::int64_t value) {
  separate();
  append(NumberText{value}.view());
  finish();
}

void JsonWriter::unsigned_integer(std::uint64_t value) {
  separate();
  append(NumberText{value}.view());
  finish();
}

void JsonWriter::number(double value) {
  if (!std::isfinite(value)) {
    ++corrections_;
    return null();
  }
  separate();
  append(NumberText{value}.view());
  finish();
}

void JsonWriter::seconds(double value) {
  if (!std::isfinite(value)) {
    ++corrections_;
    return null();
  }
  separate();
  append(NumberText{value, std::chars_format::fixed, 6}.view());
  finish();
}

// A third of what the shortest form of a double costs.
void JsonWriter::milliseconds(std::chrono::nanoseconds value) {
  constexpr std::uint64_t kEach = 1'000'000;
  const auto count = static_cast<std::uint64_t>(value.count());
  const bool is_negative = value.count() < 0;
  const std::uint64_t size = is_negative ? 0 - count : count;
  separate();
  if (is_negative) put('-');
  append(NumberText{size / kEach}.view());
  if (size % kEach != 0) {
    // The digit in front holds the place of zeros behind the point.
    const NumberText rest(kEach + size % kEach);
    const std::size_t last = rest.view().find_last_not_of('0');
    put('.');
    append(rest.view().substr(1, last));
  }
  finish();
}

void JsonWriter::time(WallTime value) {
  constexpr std::size_t kDecimals = 6;
  const auto rounded = std::chrono::round<std::chrono::microseconds>(value.time_since_epoch());
  if (rounded < std::chrono::seconds(1)) return seconds(epoch_seconds(value));
  const NumberText text(rounded.count());
  const std::size_t whole = text.size - kDecimals;
  separate();
  append(text.view().substr(0, whole));
  put('.');
  append(text.view().substr(whole));
  finish();
}

void JsonWriter::boolean(bool value) {
  separate();
  append(value ? "true" : "false");
  finish();
}

void JsonWriter::null() {
  separate();
  append("null");
  finish();
}

void JsonWriter::raw(std::string_view json) {
  separate();
  append(json);
  finish();
}

void JsonWriter::append_long(std::string_view text) {
  flush();
  if (text.size() > waiting_.size()) {
    out_.append(text);
  } else {
    append(text);
  }
}

void JsonWriter::append_escaped(std::string_view text) {
  constexpr std::size_t kWord = 8;
  std::size_t run = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    // The last word overlaps the one before.
    const std::size_t word = std::min(at, text.size() - std::min(text.size(), kWord));
    if (text.size() >= kWord && are_plain(text.data() + word)) {
      at = word + kWord;
      continue;
    }
    if (kPlain[static_cast<unsigned char>(text[at])]) {
      ++at;
      continue;
    }
    append(text.substr(run, at - run));
    at += append_special(text.substr(at));
    run = at;
  }
  append(text.substr(run, at - run));
}

std::size_t JsonWriter::append_special(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(text[0]);
  if (byte >= 0x80) {
    const CodePoint point = decode_utf8(text);
    if (point.is_valid) {
      append(text.substr(0, point.length));
    } else {
      append("\xEF\xBF\xBD");
      ++corrections_;
    }
    return point.length;
  }
  switch (byte) {
    case '"':
      append("\\\"");
      break;
    case '\\':
      append("\\\\");
      break;
    case '\n':
      append("\\n");
      break;
    case '\r':
      append("\\r");
      break;
    case '\t':
      append("\\t");
      break;
    default:
      append("\\u00");
      put(kHex[byte >> 4U]);
      put(kHex[byte & 15U]);
  }
  return 1;
}

}  // namespace xtrace
