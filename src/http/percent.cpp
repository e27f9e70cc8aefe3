#include "http/percent.h"

#include "http/characters.h"

namespace xtrace {

namespace {

bool is_unreserved_or_delimiter(char c) {
  return is_alpha(c) || is_digit(c) ||
         (c != '\0' && std::string_view("-._~!$&'()*+,;=").find(c) != std::string_view::npos);
}

bool is_escape_at(std::string_view text, std::size_t at) {
  return text[at] == '%' && text.size() - at > 2 && is_hex_digit(text[at + 1]) &&
         is_hex_digit(text[at + 2]);
}

int hex_value(char c) {
  return is_digit(c) ? c - '0' : to_lower(c) - 'a' + 10;
}

}  // namespace

std::string percent_encode(std::string_view text, std::string_view also_allowed) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_unreserved_or_delimiter(c) || also_allowed.find(c) != std::string_view::npos ||
        is_escape_at(text, i)) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kHex[byte >> 4];
    encoded += kHex[byte & 15];
  }
  return encoded;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (!is_escape_at(text, i)) return std::nullopt;
    decoded += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
    i += 2;
  }
  return decoded;
}

}  // namespace xtrace
