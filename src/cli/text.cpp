#include "cli/text.h"

#include <array>

#include "base/utf8.h"

namespace xtrace::cli {

namespace {

struct Range {
  char32_t first;
  char32_t last;
};

template <std::size_t kSize>
bool is_in(const std::array<Range, kSize>& ranges, char32_t code) {
  for (const Range& range : ranges) {
    if (code >= range.first && code <= range.last) return true;
  }
  return false;
}

/// Controls, line separators, direction overrides, zero-width characters and tags.
constexpr std::array<Range, 11> kHidden = {{
    {0x00, 0x1F},
    {0x7F, 0x9F},
    {0xAD, 0xAD},
    {0x061C, 0x061C},
    {0x180E, 0x180E},
    {0x200B, 0x200F},
    {0x2028, 0x202E},
    {0x2060, 0x206F},
    {0xFEFF, 0xFEFF},
    {0xFFF9, 0xFFFB},
    {0xE0000, 0xE0FFF},
}};

constexpr std::array<Range, 5> kCombining = {
    {{0x0300, 0x036F}, {0x1AB0, 0x1AFF}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}}};

constexpr std::array<Range, 9> kWide = {{
    {0x1100, 0x115F},
    {0x2E80, 0xA4CF},
    {0xAC00, 0xD7A3},
    {0xF900, 0xFAFF},
    {0xFE30, 0xFE4F},
    {0xFF00, 0xFF60},
    {0xFFE0, 0xFFE6},
    {0x1F300, 0x1FAFF},
    {0x20000, 0x3FFFD},
}};

std::size_t columns_of(char32_t code) {
  if (code < 0x300) return 1;
  if (is_in(kCombining, code)) return 0;
  return is_in(kWide, code) ? 2 : 1;
}

std::string hexadecimal(char32_t value) {
  std::string digits;
  do {
    digits.insert(digits.begin(), "0123456789abcdef"[value & 0xFU]);
    value >>= 4U;
  } while (value != 0);
  return digits;
}

std::string escape_byte(unsigned char byte) {
  return (byte < 0x10 ? "\\x0" : "\\x") + hexadecimal(byte);
}

std::string escape(const CodePoint& point, std::string_view bytes) {
  if (bytes == "\n") return "\\n";
  if (bytes == "\r") return "\\r";
  if (bytes == "\t") return "\\t";
  if (point.is_valid && point.value > 0x7F) return "\\u{" + hexadecimal(point.value) + "}";
  std::string escaped;
  for (const char byte : bytes) escaped += escape_byte(static_cast<unsigned char>(byte));
  return escaped;
}

}  // namespace

std::string escape_for_terminal(std::string_view text, const Style& style) {
  std::string safe;
  safe.reserve(text.size());
  while (!text.empty()) {
    const CodePoint point = decode_utf8(text);
    const std::string_view bytes = text.substr(0, point.length);
    const bool is_shown =
        point.is_valid && !is_in(kHidden, point.value) && (style.utf8 || point.value < 0x80);
    if (is_shown) {
      safe += bytes;
    } else {
      safe += escape(point, bytes);
    }
    text.remove_prefix(point.length);
  }
  return safe;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const CodePoint point = decode_utf8(text);
    width += columns_of(point.value);
    text.remove_prefix(point.length);
  }
  return width;
}

std::string cut_to_width(std::string_view text, std::size_t width, const Style& style) {
  if (display_width(text) <= width) return std::string(text);
  const std::string_view ellipsis = style.utf8 ? "\u2026" : "...";
  const std::size_t ellipsis_width = style.utf8 ? 1 : 3;
  if (width <= ellipsis_width) return std::string(width, '.');

  std::size_t used = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const CodePoint point = decode_utf8(text.substr(at));
    used += columns_of(point.value);
    if (used > width - ellipsis_width) break;
    at += point.length;
  }
  return std::string(text.substr(0, at)).append(ellipsis);
}

std::string counted(std::uint64_t number, std::string_view thing) {
  std::string text = std::to_string(number).append(" ").append(thing);
  return number == 1 ? text : text + "s";
}

}  // namespace xtrace::cli
