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

/// Durations in milliseconds and seconds are millionths: several times as fast as the general case.
/// A number of at most 15 digits that reads back as the same double is the shortest that does.
/// Returns null where the value is none such, or would have an exponent.
char* write_millionths(char* at, char* end, double value) {
  constexpr double kMillion = 1e6;
  constexpr double kWithoutExponent = 1e-4;
  const double magnitude = std::abs(value);
  if (magnitude < kWithoutExponent || magnitude * kMillion >= kLongestInteger) return nullptr;
  const auto millionths = static_cast<std::uint64_t>(std::llround(magnitude * kMillion));
  if (static_cast<double>(millionths) / kMillion != magnitude) return nullptr;
  if (value < 0) *at++ = '-';
  at = std::to_chars(at, end, millionths / 1'000'000).ptr;
  *at++ = '.';
  std::uint64_t rest = millionths % 1'000'000;
  for (std::uint64_t place = 100'000; rest != 0; place /= 10) {
    *at++ = static_cast<char>('0' + rest / place);
    rest %= place;
  }
  return at;
}

char* write_finite(char* at, char* end, double value) {
  if (std::abs(value) < kLongestInteger && value == std::trunc(value)) {
    return std::to_chars(at, end, static_cast<std::int64_t>(value)).ptr;
  }
  if (char* written = write_millionths(at, end, value)) return written;
  return std::to_chars(at, end, value, std::chars_format::general).ptr;
}

}  // namespace

// NOLINTNEXTLINE(*-member-init): what counts of the letters is written below
NumberText::NumberText(double value) {
  if (std::isfinite(value)) {
    char* const begin = letters_.data();
    size_ = static_cast<std::size_t>(write_finite(begin, begin + letters_.size(), value) - begin);
    return;
  }
  const std::string_view name = name_of_infinite(value);
  std::copy(name.begin(), name.end(), letters_.begin());
  size_ = name.size();
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
