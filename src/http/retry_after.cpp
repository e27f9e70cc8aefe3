#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>

#include <xtrace/server_says.h>

#include "base/ascii.h"
#include "http/http_date.h"

namespace xtrace {

namespace {

using std::chrono::seconds;

// Whoever adds it to a time of this century stays within what a clock holds.
constexpr seconds kLongest = std::chrono::hours(24 * 36525);

std::optional<seconds> parse_seconds(std::string_view text) {
  if (text.empty() || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  std::int64_t count = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), count);
  const bool is_too_large = parsed.ec != std::errc() || count > kLongest.count();
  return is_too_large ? kLongest : seconds(count);
}

}  // namespace

std::optional<Duration> retry_after(const Headers& headers, WallTime now) {
  const std::string* value = headers.find("Retry-After");
  if (value == nullptr) return std::nullopt;
  const std::string_view text = trim(*value);
  if (const std::optional<seconds> delay = parse_seconds(text)) return *delay;

  const auto second = std::chrono::time_point_cast<seconds>(now);
  const std::optional<std::chrono::sys_seconds> date = parse_http_date(text, second);
  if (!date) return std::nullopt;
  const Duration since_second = now.time_since_epoch() % seconds(1);
  const Duration left = std::clamp(*date - second, -kLongest, kLongest) - since_second;
  return std::clamp<Duration>(left, Duration::zero(), kLongest);
}

}  // namespace xtrace
