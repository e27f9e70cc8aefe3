#include "xray/correct.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/utf8.h"
#include "xray/name_ranges.h"

namespace xtrace {

namespace {

constexpr std::size_t kMaxName = 200;
constexpr std::size_t kMaxKey = 500;
constexpr std::string_view kNameFallback = "unknown";
constexpr std::string_view kNameMarks = " _.:/%&#=+\\-@";

/// The ASCII characters that a name may have.
constexpr std::array<bool, 256> kNameBytes = [] {
  std::array<bool, 256> allowed{};
  for (std::size_t byte = 0; byte < 0x80; ++byte) {
    const char c = static_cast<char>(byte);
    allowed[byte] = is_alpha(c) || is_digit(c) || kNameMarks.find(c) != std::string_view::npos;
  }
  return allowed;
}();

bool is_key_character(char c) {
  return is_alpha(c) || is_digit(c) || c == '_';
}

bool is_name_character(char32_t point) {
  if (point < 0x80) return kNameBytes[point];
  const std::span<const CodePointRange> ranges = name_ranges();
  const auto after = std::ranges::upper_bound(ranges, point, {}, &CodePointRange::first);
  return after != ranges.begin() && point <= std::prev(after)->last;
}

/// Where the authority of a URL lies, and where its path ends.
struct UrlParts {
  std::size_t authority = 0;
  std::size_t userinfo_end = 0;  // equal to `authority` where there is none
  std::size_t path_end = 0;
};

UrlParts find_parts(std::string_view url) {
  const std::string_view without_fragment = url.substr(0, url.find('#'));
  const std::string_view kept = without_fragment.substr(0, without_fragment.find('?'));
  const std::size_t mark = kept.starts_with("//") ? 0 : kept.find("://");
  const std::size_t begin = mark == std::string_view::npos ? 0 : kept.find("//", mark) + 2;
  const std::size_t end = std::min(kept.find('/', begin), kept.size());
  const std::size_t at = kept.substr(0, end).rfind('@');
  const bool has_userinfo = at != std::string_view::npos && at >= begin;
  return {begin, has_userinfo ? at + 1 : begin, kept.size()};
}

}  // namespace

bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxName && name.front() != ' ' &&
         std::ranges::all_of(name,
                             [](char c) { return kNameBytes[static_cast<unsigned char>(c)]; });
}

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

std::string strip_secrets(std::string_view url) {
  const UrlParts parts = find_parts(url);
  std::string result{url.substr(0, parts.authority)};
  result += url.substr(parts.userinfo_end, parts.path_end - parts.userinfo_end);
  return result;
}

std::optional<std::string_view> without_secrets(std::string_view url) {
  const UrlParts parts = find_parts(url);
  if (parts.userinfo_end != parts.authority) return std::nullopt;
  return url.substr(0, parts.path_end);
}

}  // namespace xtrace
