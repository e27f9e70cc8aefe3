#include "collect/export_time.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

namespace xtrace::collect {

std::string utc_text(double seconds) {
  using namespace std::chrono;
  const sys_time<microseconds> moment{microseconds(epoch_microseconds(seconds))};
  const auto day = floor<days>(moment);
  const year_month_day date(day);
  const hh_mm_ss<microseconds> time(moment - day);
  char text[40];
  const int length = std::snprintf(
      text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
  return {text, static_cast<std::size_t>(std::clamp(length, 0, int{sizeof text} - 1))};
}

std::int64_t epoch_microseconds(double seconds) {
  constexpr double kLatest = 2.5e11;  // Year 9999 and a bit: calendars end there.
  return std::llround(std::clamp(seconds, 0.0, kLatest) * 1e6);
}

}  // namespace xtrace::collect
