#include "base/utf8.h"

namespace xtrace {

namespace {

constexpr CodePoint broken(std::size_t length) {
  return {kReplacementCharacter, length, false};
}

unsigned byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

/// What the first byte tells: how many follow, and between which bounds the second byte lies
/// (Unicode, table 3-7).
struct Lead {
  std::size_t following = 0;
  unsigned second_low = 0x80;
  unsigned second_high = 0xBF;
};

Lead read_lead(unsigned first) {
  if (first >= 0xC2 && first <= 0xDF) return {.following = 1};
  if (first == 0xE0) return {.following = 2, .second_low = 0xA0};
  if (first == 0xED) return {.following = 2, .second_high = 0x9F};
  if (first >= 0xE1 && first <= 0xEF) return {.following = 2};
  if (first == 0xF0) return {.following = 3, .second_low = 0x90};
  if (first == 0xF4) return {.following = 3, .second_high = 0x8F};
  if (first >= 0xF1 && first <= 0xF3) return {.following = 3};
  return {};
}

}  // namespace

CodePoint decode_utf8(std::string_view text) {
  const unsigned first = byte_at(text, 0);
  if (first < 0x80) return {first, 1, true};
  const Lead lead = read_lead(first);
  if (lead.following == 0) return broken(1);
  char32_t value = first & (0x3FU >> lead.following);
  for (std::size_t i = 1; i <= lead.following; ++i) {
    if (i >= text.size()) return broken(i);
    const unsigned next = byte_at(text, i);
    const unsigned low = i == 1 ? lead.second_low : 0x80;
    const unsigned high = i == 1 ? lead.second_high : 0xBF;
    if (next < low || next > high) return broken(i);
    value = (value << 6U) | (next & 0x3FU);
  }
  return {value, lead.following + 1, true};
}

std::string_view utf8_prefix(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  std::size_t at = bytes;
  // A continuation byte belongs to what is before it; more than three of them is no UTF-8 and cut
  // where asked.
  while (at > 0 && bytes - at < 3 && (byte_at(text, at) & 0xC0U) == 0x80U) --at;
  if ((byte_at(text, at) & 0xC0U) == 0x80U) at = bytes;
  return text.substr(0, at);
}

std::string_view utf8_first(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; count > 0 && at < text.size(); --count) at += decode_utf8(text.substr(at)).length;
  return text.substr(0, at);
}

}  // namespace xtrace
