#include "xray/correct.h"

#include <algorithm>

#include <xtrace/segment.h>

#include "base/utf8.h"
#include "xray/name_ranges.h"

namespace xtrace {

namespace {

constexpr std::size_t kMaxName = 200;
constexpr std::size_t kMaxKey = 500;
constexpr std::string_view kNameFallback = "unknown";
constexpr std::string_view kNameMarks = " _.:/%&#=+\\-@";

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_key_character(char c) {
  return is_alphanumeric(c) || c == '_';
}

bool is_name_character(char32_t point) {
  if (point < 0x80) {
    const char c = static_cast<char>(point);
    return is_alphanumeric(c) || kNameMarks.find(c) != std::string_view::npos;
  }
  const std::span<const CodePointRange> ranges = name_ranges();
  const auto after = std::ranges::upper_bound(ranges, point, {}, &CodePointRange::first);
  return after != ranges.begin() && point <= std::prev(after)->last;
}

}  // namespace

Corrected correct_name(std::string_view name) {
  Corrected result;
  std::size_t kept = 0;
  for (std::string_view rest = name; !rest.empty() && kept < kMaxName;) {
    const CodePoint point = decode_utf8(rest);
    if (point.is_valid && is_name_character(point.value)) {
      result.text.append(rest, 0, point.length);
      ++kept;
    }
    rest.remove_prefix(point.length);
  }
  if (result.text.find_first_not_of(' ') == std::string::npos) result.text = kNameFallback;
  result.is_changed = result.text != name;
  return result;
}

Corrected correct_annotation_key(std::string_view key) {
  Corrected result;
  for (std::string_view rest = key; !rest.empty() && result.text.size() < kMaxKey;) {
    const CodePoint point = decode_utf8(rest);
    result.text += is_key_character(rest.front()) ? rest.front() : '_';
    rest.remove_prefix(point.length);
  }
  result.is_changed = result.text != key;
  return result;
}

Corrected correct_text(std::string_view text, std::size_t characters) {
  const std::string_view kept = utf8_first(text, characters);
  return {std::string{kept}, kept.size() != text.size()};
}

std::string strip_secrets(std::string_view url) {
  const std::string_view path_end = url.substr(0, url.find_first_of("?#"));
  const std::size_t scheme_end = path_end.find("://");
  const std::size_t begin = scheme_end == std::string_view::npos ? 0 : scheme_end + 3;
  const std::size_t end = std::min(path_end.find('/', begin), path_end.size());
  const std::size_t at = path_end.substr(0, end).rfind('@');
  std::string result{path_end.substr(0, begin)};
  result += path_end.substr(at == std::string_view::npos || at < begin ? begin : at + 1);
  return result;
}

Flags flags_of_status(int status) {
  return {.error = status >= 400 && status <= 499,
          .throttle = status == 429,
          .fault = status >= 500 && status <= 599};
}

bool is_annotation_key(std::string_view key) {
  return !key.empty() && key.size() <= kMaxKey && std::ranges::all_of(key, is_key_character);
}

}  // namespace xtrace
