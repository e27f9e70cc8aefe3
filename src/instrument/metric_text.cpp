#include "instrument/metric_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "base/utf8.h"

namespace xtrace {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr double kLongestInteger = 1e15;  // every integer below has a double of its own

std::string_view name_of_infinite(double value) {
  if (std::isnan(value)) return "NaN";
  return value > 0 ? "+Inf" : "-Inf";
}

}  // namespace

// NOLINTNEXTLINE(*-member-init): what counts of the letters is written below
NumberText::NumberText(double value) {
  char* const end = letters_.data() + letters_.size();
  if (!std::isfinite(value)) {
    const std::string_view name = name_of_infinite(value);
    std::copy(name.begin(), name.end(), letters_.begin());
    size_ = name.size();
    return;
  }
  const bool is_whole = std::abs(value) < kLongestInteger && value == std::trunc(value);
  const std::to_chars_result result =
      is_whole ? std::to_chars(letters_.data(), end, static_cast<std::int64_t>(value))
               : std::to_chars(letters_.data(), end, value, std::chars_format::general);
  size_ = static_cast<std::size_t>(result.ptr - letters_.data());
}

std::string clean_text(std::string_view text, std::string_view forbidden) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const CodePoint point = decode_utf8(text);
    if (!point.is_valid) {
      clean += kReplacement;
    } else if (point.length == 1 && forbidden.find(text.front()) != std::string_view::npos) {
      clean += '_';
    } else {
      clean += text.substr(0, point.length);
    }
    text.remove_prefix(point.length);
  }
  return clean;
}

}  // namespace xtrace
