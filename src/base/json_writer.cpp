#include "base/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/utf8.h"

namespace xtrace {

namespace {

/// True for the bytes that stand for themselves inside a JSON string without a closer look.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t byte = 0x20; byte < 0x80; ++byte) plain[byte] = byte != '"' && byte != '\\';
  return plain;
}();

template <class Number, class... Format>
void append_number(std::string& out, Number value, Format... format) {
  // The longest double in fixed notation has 309 digits before its point. Clearing that many bytes
  // for each number would cost more than writing it.
  std::array<char, 352> text;  // NOLINT(*-pro-type-member-init)
  const auto result = std::to_chars(text.data(), text.data() + text.size(), value, format...);
  out.append(text.data(), result.ptr);
}

}  // namespace

void JsonWriter::key(std::string_view name) {
  string(name);
  out_ += ':';
  wants_comma_ = false;
}

void JsonWriter::string(std::string_view text) {
  separate();
  out_ += '"';
  append_escaped(text);
  out_ += '"';
}

void JsonWriter::integer(std::int64_t value) {
  separate();
  append_number(out_, value);
}

void JsonWriter::unsigned_integer(std::uint64_t value) {
  separate();
  append_number(out_, value);
}

void JsonWriter::number(double value) {
  if (!std::isfinite(value)) {
    ++corrections_;
    return null();
  }
  separate();
  append_number(out_, value);
}

void JsonWriter::seconds(double value) {
  if (!std::isfinite(value)) {
    ++corrections_;
    return null();
  }
  separate();
  append_number(out_, value, std::chars_format::fixed, 6);
}

void JsonWriter::time(WallTime value) {
  const auto rounded = std::chrono::round<std::chrono::microseconds>(value.time_since_epoch());
  const auto whole = std::chrono::floor<std::chrono::seconds>(rounded);
  if (whole.count() < 0) return seconds(epoch_seconds(value));
  separate();
  append_number(out_, whole.count());
  out_ += '.';
  std::array<char, 6> decimals{};
  auto rest = (rounded - whole).count();
  for (std::size_t i = decimals.size(); i-- > 0; rest /= 10) {
    decimals[i] = static_cast<char>('0' + rest % 10);
  }
  out_.append(decimals.data(), decimals.size());
}

void JsonWriter::boolean(bool value) {
  separate();
  out_ += value ? "true" : "false";
}

void JsonWriter::null() {
  separate();
  out_ += "null";
}

void JsonWriter::raw(std::string_view json) {
  separate();
  out_ += json;
}

void JsonWriter::append_escaped(std::string_view text) {
  std::size_t run = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    if (kPlain[static_cast<unsigned char>(text[at])]) {
      ++at;
      continue;
    }
    out_.append(text, run, at - run);
    at += append_special(text.substr(at));
    run = at;
  }
  out_.append(text, run, at - run);
}

std::size_t JsonWriter::append_special(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(text[0]);
  if (byte >= 0x80) {
    const CodePoint point = decode_utf8(text);
    if (point.is_valid) {
      out_.append(text, 0, point.length);
    } else {
      out_ += "\xEF\xBF\xBD";
      ++corrections_;
    }
    return point.length;
  }
  switch (byte) {
    case '"':
      out_ += "\\\"";
      break;
    case '\\':
      out_ += "\\\\";
      break;
    case '\n':
      out_ += "\\n";
      break;
    case '\r':
      out_ += "\\r";
      break;
    case '\t':
      out_ += "\\t";
      break;
    default:
      out_ += "\\u00";
      out_ += kHex[byte >> 4U];
      out_ += kHex[byte & 15U];
  }
  return 1;
}

}  // namespace xtrace
