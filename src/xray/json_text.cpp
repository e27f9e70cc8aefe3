#include "xray/json_text.h"

#include <algorithm>

#include "base/ascii.h"

namespace xtrace {

namespace {

unsigned hex_value(char c) {
  return static_cast<unsigned>(is_digit(c) ? c - '0' : to_lower(c) - 'a' + 10);
}

void append_utf8(std::string& out, unsigned point) {
  const auto tail = [point](unsigned shift) {
    return static_cast<char>(0x80U | ((point >> shift) & 0x3FU));
  };
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += {static_cast<char>(0xC0U | (point >> 6U)), tail(0)};
  } else if (point < 0x10000) {
    out += {static_cast<char>(0xE0U | (point >> 12U)), tail(6), tail(0)};
  } else {
    out += {static_cast<char>(0xF0U | (point >> 18U)), tail(12), tail(6), tail(0)};
  }
}

char unescaped(char letter) {
  switch (letter) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return letter;
  }
}

}  // namespace

unsigned read_code_unit(const char* digits) {
  unsigned unit = 0;
  for (int i = 0; i < 4; ++i) unit = unit * 16 + hex_value(digits[i]);
  return unit;
}

bool JsonText::means(std::string_view text) const {
  return has_escapes ? decode() == text : raw == text;
}

std::string JsonText::decode() const {
  std::string out;
  decode_into(out);
  return out;
}

void JsonText::decode_into(std::string& out) const {
  out.clear();
  out.reserve(raw.size());
  std::string_view rest = raw;
  while (true) {
    const std::size_t plain = std::min(rest.find('\\'), rest.size());
    out.append(rest, 0, plain);
    rest.remove_prefix(plain);
    if (rest.empty()) return;
    if (rest[1] != 'u') {
      out += unescaped(rest[1]);
      rest.remove_prefix(2);
      continue;
    }
    unsigned point = read_code_unit(rest.data() + 2);
    rest.remove_prefix(6);
    if (is_high_surrogate(point)) {
      point = 0x10000 + ((point - 0xD800) << 10U) + (read_code_unit(rest.data() + 2) - 0xDC00);
      rest.remove_prefix(6);
    }
    append_utf8(out, point);
  }
}

}  // namespace xtrace
