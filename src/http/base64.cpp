#include "http/base64.h"

#include <cstdint>

namespace xtrace {

namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// `bits` hold `count` bytes, the first one highest.
void append_group(std::string& into, std::uint32_t bits, int count) {
  bits <<= 8 * (3 - count);
  for (int i = 0; i < 4; ++i) {
    into += i <= count ? kAlphabet[bits >> (18 - 6 * i) & 63] : '=';
  }
}

}  // namespace

void append_base64(std::string& into, std::initializer_list<std::string_view> pieces) {
  std::uint32_t bits = 0;
  int count = 0;
  for (const std::string_view piece : pieces) {
    for (const char c : piece) {
      bits = bits << 8 | static_cast<unsigned char>(c);
      if (++count < 3) continue;
      append_group(into, bits, count);
      bits = 0;
      count = 0;
    }
  }
  if (count > 0) append_group(into, bits, count);
}

std::string to_base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  append_base64(text, {bytes});
  return text;
}

}  // namespace xtrace
