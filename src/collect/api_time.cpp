#include "collect/api_time.h"

#include <charconv>
#include <chrono>
#include <cmath>

#include "base/ascii.h"

namespace xtrace::collect {

namespace {

constexpr double kLastSecond = 253402300799.0;  // of the year 9999

/// Takes a time apart from its beginning on.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool is_done() const { return rest_.empty(); }

  bool take(char wanted) {
    if (rest_.empty() || to_lower(rest_.front()) != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// A number of exactly so many digits.
  std::optional<int> digits(std::size_t count) {
    if (rest_.size() < count) return std::nullopt;
    int value = 0;
    for (const char digit : rest_.substr(0, count)) {
      if (!is_digit(digit)) return std::nullopt;
      value = value * 10 + (digit - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

  /// The same behind `mark`, and below `limit`.
  std::optional<int> digits_behind(char mark, int limit) {
    if (!take(mark)) return std::nullopt;
    const std::optional<int> value = digits(2);
    return value && *value < limit ? value : std::nullopt;
  }

  /// `.25`, or nothing; at least one digit has to follow a point.
  std::optional<double> fraction() {
    if (!take('.') && !take(',')) return 0.0;
    double value = 0;
    double weight = 0.1;
    std::size_t count = 0;
    for (; count < rest_.size() && is_digit(rest_[count]); ++count, weight /= 10) {
      value += weight * (rest_[count] - '0');
    }
    rest_.remove_prefix(count);
    return count > 0 ? std::optional(value) : std::nullopt;
  }

  /// Seconds by which the zone is ahead of UTC: `Z`, `+01:00`, `-0730`, or nothing.
  std::optional<int> offset() {
    if (is_done() || take('z')) return 0;
    const bool is_behind = rest_.front() == '-';
    if (!take('-') && !take('+')) return std::nullopt;
    const std::optional<int> hours = digits(2);
    take(':');
    const std::optional<int> minutes = is_done() ? 0 : digits(2);
    if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
    const int seconds = (*hours * 60 + *minutes) * 60;
    return is_behind ? -seconds : seconds;
  }

 private:
  std::string_view rest_;
};

std::optional<double> read_date(Scanner& scanner) {
  const std::optional<int> year = scanner.digits(4);
  const std::optional<int> month = scanner.digits_behind('-', 13);
  const std::optional<int> day = scanner.digits_behind('-', 32);
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const std::chrono::seconds since_epoch = std::chrono::sys_days(date).time_since_epoch();
  return static_cast<double>(since_epoch.count());
}

std::optional<double> read_iso(std::string_view text) {
  Scanner scanner(text);
  const std::optional<double> date = read_date(scanner);
  if (!date || scanner.is_done()) return date;
  if (!scanner.take('t') && !scanner.take(' ')) return std::nullopt;
  const std::optional<int> hours = scanner.digits(2);
  const std::optional<int> minutes = scanner.digits_behind(':', 60);
  if (!hours || *hours > 23 || !minutes) return std::nullopt;
  // A leap second is the next minute's first.
  const bool has_seconds = !scanner.is_done() && text.size() > 16 && text[16] == ':';
  const std::optional<int> seconds = has_seconds ? scanner.digits_behind(':', 61) : 0;
  const std::optional<double> fraction = has_seconds ? scanner.fraction() : 0.0;
  const std::optional<int> offset = scanner.offset();
  if (!seconds || !fraction || !offset || !scanner.is_done()) return std::nullopt;
  return *date + (*hours * 60 + *minutes) * 60 + *seconds + *fraction - *offset;
}

std::optional<double> read_number(std::string_view text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return value;
}

}  // namespace

std::optional<double> parse_api_time(std::string_view text) {
  text = trim(text);
  std::optional<double> seconds = read_number(text);
  if (!seconds) seconds = read_iso(text);
  if (!seconds || !(*seconds >= 0 && *seconds <= kLastSecond)) return std::nullopt;
  return seconds;
}

}  // namespace xtrace::collect
