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

constexpr char digit(std::uint64_t value) {
  return static_cast<char>('0' + value);
}

std::string_view name_of_infinite(double value) {
  if (std::isnan(value)) return "NaN";
  return value > 0 ? "+Inf" : "-Inf";
}

// What is measured is whole or has three decimals or six: milliseconds to the microsecond, seconds,
// milliseconds to the nanosecond. A number of at most 15 digits that reads back as the same double
// is the shortest that does, and is written in a fraction of the time that the general case takes.

/// Returns null where the value is no whole number of thousandths.
char* write_thousandths(char* at, char* end, double value) {
  constexpr double kThousand = 1e3;
  const double magnitude = std::abs(value);
  const bool is_short = magnitude < kLongestInteger / kThousand;
  if (!is_short) return nullptr;                          // nor is NaN
  const double half_above = magnitude * kThousand + 0.5;  // without a call of llround()
  const auto nearest = static_cast<std::int64_t>(half_above);
  if (static_cast<double>(nearest) / kThousand != magnitude) return nullptr;
  const auto thousandths = static_cast<std::uint64_t>(nearest);
  const std::uint64_t whole = thousandths / 1000;
  const std::uint64_t rest = thousandths % 1000;
  if (value < 0) *at++ = '-';
  if (whole < 10) {
    *at++ = digit(whole);
  } else {
    at = std::to_chars(at, end, whole).ptr;
  }
  if (rest == 0) return at;
  at[0] = '.';
  at[1] = digit(rest / 100);
  at[2] = digit(rest / 10 % 10);
  at[3] = digit(rest % 10);
  if (at[3] != '0') return at + 4;
  return at[2] != '0' ? at + 3 : at + 2;
}

/// Returns null where the value is no whole number of millionths, or would have an exponent.
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
    *at++ = digit(rest / place);
    rest %= place;
  }
  return at;
}

char* write_any(char* at, char* end, double value) {
  if (!std::isfinite(value)) {
    const std::string_view name = name_of_infinite(value);
    return std::copy(name.begin(), name.end(), at);
  }
  if (std::abs(value) < kLongestInteger && value == std::trunc(value)) {
    return std::to_chars(at, end, static_cast<std::int64_t>(value)).ptr;
  }
  if (char* written = write_millionths(at, end, value)) return written;
  return std::to_chars(at, end, value, std::chars_format::general).ptr;
}

}  // namespace

// NOLINTNEXTLINE(*-member-init): what counts of the letters is written below
NumberText::NumberText(double value) {
  char* const begin = letters_.data();
  char* const end = begin + letters_.size();
  char* written = write_thousandths(begin, end, value);
  if (written == nullptr) written = write_any(begin, end, value);
  size_ = static_cast<std::uint8_t>(written - begin);
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
