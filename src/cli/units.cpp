#include "cli/units.h"

#include <array>
#include <chrono>

namespace xtrace::cli {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// `value` divided by 10^`decimals`, exactly.
std::string decimal(std::int64_t value, int decimals) {
  std::string digits = std::to_string(value < 0 ? -value : value);
  const auto places = static_cast<std::size_t>(decimals);
  if (places > 0) {
    if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
    digits.insert(digits.size() - places, ".");
  }
  return value < 0 ? "-" + digits : digits;
}

int decimals_of(Duration quantum, Duration unit) {
  int decimals = 0;
  for (Duration step = unit; step > quantum; step /= 10) ++decimals;
  return decimals;
}

Duration automatic_quantum(Duration total) {
  if (total < milliseconds(1)) return microseconds(1);
  if (total < milliseconds(20)) return microseconds(10);
  if (total < seconds(10)) return microseconds(100);
  return milliseconds(1);
}

std::string trim_zeros(std::string number) {
  if (number.find('.') == std::string::npos) return number;
  while (number.back() == '0') number.pop_back();
  if (number.back() == '.') number.pop_back();
  return number;
}

std::string format_minutes(Duration duration) {
  const auto whole = std::chrono::duration_cast<minutes>(duration);
  const auto rest = std::chrono::round<seconds>(duration - whole);
  if (rest == minutes(1)) return std::to_string(whole.count() + 1) + "m";
  std::string text = std::to_string(whole.count()) + "m";
  if (rest.count() != 0) text += std::to_string(rest.count()) + "s";
  return text;
}

std::string padded(unsigned value) {
  return (value < 10 ? "0" : "") + std::to_string(value);
}

}  // namespace

Quanta Scale::round(Duration duration) const {
  const Duration half = quantum / 2;
  return (duration < Duration{} ? duration - half : duration + half) / quantum;
}

std::string Scale::number(Quanta quanta) const {
  return decimal(quanta, decimals);
}

Scale make_scale(Duration total, Style::Unit unit) {
  // 999.9 us are a millisecond: times of segments are differences of epoch seconds.
  total = std::chrono::round<microseconds>(total);
  const Duration quantum = automatic_quantum(total);
  using enum Style::Unit;
  switch (unit) {
    case microseconds:
      return {std::chrono::microseconds(1), 0, "us"};
    case milliseconds: {
      const Duration fine = std::min<Duration>(quantum, std::chrono::microseconds(100));
      return {fine, decimals_of(fine, std::chrono::milliseconds(1)), "ms"};
    }
    case seconds:
      return {quantum, decimals_of(quantum, std::chrono::seconds(1)), "s"};
    case automatic:
      break;
  }
  if (total < std::chrono::milliseconds(1)) return {quantum, 0, "us"};
  if (total < std::chrono::seconds(10)) {
    return {quantum, decimals_of(quantum, std::chrono::milliseconds(1)), "ms"};
  }
  return {quantum, decimals_of(quantum, std::chrono::seconds(1)), "s"};
}

std::string format_brief(Duration duration, Style::Unit unit) {
  using Unit = Style::Unit;
  if (unit == Unit::automatic) {
    if (duration >= minutes(1)) return format_minutes(duration);
    unit = duration >= seconds(1)        ? Unit::seconds
           : duration >= milliseconds(1) ? Unit::milliseconds
                                         : Unit::microseconds;
  }
  if (unit == Unit::microseconds) {
    return decimal(std::chrono::round<microseconds>(duration).count(), 0) + "us";
  }
  if (unit == Unit::milliseconds) {
    return trim_zeros(decimal(std::chrono::round<microseconds>(duration).count(), 3)) + "ms";
  }
  return trim_zeros(decimal(std::chrono::round<microseconds>(duration).count(), 6)) + "s";
}

std::string format_measured(Duration duration) {
  Duration grain = microseconds(1);
  if (duration >= milliseconds(1)) grain = microseconds(100);
  if (duration >= milliseconds(10)) grain = milliseconds(1);
  if (duration >= seconds(1)) grain = milliseconds(100);
  return format_brief((duration + grain / 2) / grain * grain);
}

std::string format_size(std::uint64_t bytes) {
  if (bytes == 1) return "1 byte";
  if (bytes < 1000) return std::to_string(bytes) + " bytes";
  constexpr std::array<std::string_view, 6> kNames = {" kB", " MB", " GB", " TB", " PB", " EB"};
  std::uint64_t tenth = 100;
  std::size_t name = 0;
  // 999,950 bytes and more would round to "1000.0 kB".
  while (name + 1 < kNames.size() && bytes / tenth + (bytes % tenth >= tenth / 2) >= 10000) {
    tenth *= 1000;
    ++name;
  }
  const std::uint64_t tenths = bytes / tenth + (bytes % tenth >= tenth / 2 ? 1 : 0);
  return decimal(static_cast<std::int64_t>(tenths), 1).append(kNames[name]);
}

std::string format_utc(WallTime wall) {
  using namespace std::chrono;
  const auto whole = floor<std::chrono::seconds>(wall);
  const auto day = floor<days>(whole);
  const year_month_day date{day};
  const hh_mm_ss time{whole - day};
  return std::to_string(static_cast<int>(date.year())) + "-" +
         padded(static_cast<unsigned>(date.month())) + "-" +
         padded(static_cast<unsigned>(date.day())) + "T" +
         padded(static_cast<unsigned>(time.hours().count())) + ":" +
         padded(static_cast<unsigned>(time.minutes().count())) + ":" +
         padded(static_cast<unsigned>(time.seconds().count())) + "Z";
}

}  // namespace xtrace::cli
