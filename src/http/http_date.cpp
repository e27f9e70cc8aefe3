#include "http/http_date.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace xtrace {

namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 7> kDays = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                   "Friday", "Saturday", "Sunday"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// Takes the parts of a date off the front of a text. A part that is not there makes it fail, and it
// stays failed.
class DateReader {
 public:
  explicit DateReader(std::string_view text) : rest_(text) {}

  bool take(std::string_view literal) {
    if (!rest_.starts_with(literal)) return false;
    rest_.remove_prefix(literal.size());
    return true;
  }
  void expect(std::string_view literal) { has_failed_ = !take(literal) || has_failed_; }

  int number(std::size_t digits) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (rest_.empty() || !is_digit(rest_.front())) {
        has_failed_ = true;
        return 0;
      }
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }

  month month_name() {
    for (std::size_t i = 0; i < kMonths.size(); ++i) {
      if (take(kMonths[i])) return month(static_cast<unsigned>(i + 1));
    }
    has_failed_ = true;
    return month(1);
  }

  seconds time_of_day() {
    const int hour = number(2);
    expect(":");
    const int minute = number(2);
    expect(":");
    const int second = number(2);
    has_failed_ = has_failed_ || hour > 23 || minute > 59 || second > 60;  // 60 is a leap second
    return hours(hour) + minutes(minute) + seconds(second);
  }

  bool is_done() const { return !has_failed_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool has_failed_ = false;
};

year century_of(int two_digits, sys_seconds now) {
  const year_month_day today(floor<days>(now));
  const int latest = static_cast<int>(today.year()) + 50;
  return year(latest - (latest - two_digits) % 100);
}

std::optional<sys_seconds> joined(const DateReader& reader, year_month_day date, seconds time) {
  if (!reader.is_done() || !date.ok()) return std::nullopt;
  return sys_days(date) + time;
}

// `06 Nov 1994 08:49:37 GMT`
std::optional<sys_seconds> read_fixdate(DateReader reader) {
  const auto day_number = static_cast<unsigned>(reader.number(2));
  reader.expect(" ");
  const month name = reader.month_name();
  reader.expect(" ");
  const year year_number(reader.number(4));
  reader.expect(" ");
  const seconds time = reader.time_of_day();
  reader.expect(" GMT");
  return joined(reader, year_number / name / day(day_number), time);
}

// `06-Nov-94 08:49:37 GMT`
std::optional<sys_seconds> read_rfc850(DateReader reader, sys_seconds now) {
  const auto day_number = static_cast<unsigned>(reader.number(2));
  reader.expect("-");
  const month name = reader.month_name();
  reader.expect("-");
  const year year_number = century_of(reader.number(2), now);
  reader.expect(" ");
  const seconds time = reader.time_of_day();
  reader.expect(" GMT");
  return joined(reader, year_number / name / day(day_number), time);
}

// `Nov  6 08:49:37 1994`
std::optional<sys_seconds> read_asctime(DateReader reader) {
  const month name = reader.month_name();
  reader.expect(" ");
  const auto day_number = static_cast<unsigned>(reader.number(reader.take(" ") ? 1 : 2));
  reader.expect(" ");
  const seconds time = reader.time_of_day();
  reader.expect(" ");
  const year year_number(reader.number(4));
  return joined(reader, year_number / name / day(day_number), time);
}

}  // namespace

std::optional<sys_seconds> parse_http_date(std::string_view text, sys_seconds now) {
  const std::size_t end = std::min(text.find_first_of(", "), text.size());
  const std::string_view name = text.substr(0, end);
  const auto is_long = [name](std::string_view day) { return name == day; };
  const auto is_short = [name](std::string_view day) { return name == day.substr(0, 3); };
  DateReader reader(text.substr(end));
  if (std::ranges::any_of(kDays, is_long)) {
    return reader.take(", ") ? read_rfc850(reader, now) : std::nullopt;
  }
  if (!std::ranges::any_of(kDays, is_short)) return std::nullopt;
  if (reader.take(", ")) return read_fixdate(reader);
  return reader.take(" ") ? read_asctime(reader) : std::nullopt;
}

}  // namespace xtrace
