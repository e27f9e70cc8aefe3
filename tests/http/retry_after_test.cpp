#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include <xtrace/server_says.h>

#include "http/http_date.h"

namespace retry_after_test {

using namespace xtrace;
using namespace std::chrono;

namespace {

constexpr sys_seconds kNow = sys_days(2024y / February / 28) + 12h;

std::optional<Duration> delay(std::string_view value, WallTime now = kNow) {
  Headers headers;
  headers.add("retry-after", value);
  return retry_after(headers, now);
}

}  // namespace

TEST_SUITE("http/retry_after") {
  TEST_CASE("seconds are taken as they are") {
    CHECK(delay("0") == 0s);
    CHECK(delay("120") == 120s);
    CHECK(delay(" 007 ") == 7s);
    CHECK(retry_after({}, kNow) == std::nullopt);
  }

  TEST_CASE("a date in any of its three forms is counted from now") {
    CHECK(delay("Thu, 29 Feb 2024 12:00:01 GMT") == 24h + 1s);
    CHECK(delay("Thursday, 29-Feb-24 12:00:01 GMT") == 24h + 1s);
    CHECK(delay("Thu Feb 29 12:00:01 2024") == 24h + 1s);
    CHECK(delay("Fri Mar  1 12:00:00 2024") == 48h);
    CHECK(delay("Wed, 28 Feb 2024 12:00:01 GMT", kNow + 250ms) == 750ms);
  }

  TEST_CASE("a date that is past means now") {
    CHECK(delay("Wed, 28 Feb 2024 12:00:00 GMT", kNow + 1ns) == 0s);
    CHECK(delay("Sun, 06 Nov 1994 08:49:37 GMT") == 0s);
    CHECK(delay("Sat, 01 Jan 0000 00:00:00 GMT") == 0s);
  }

  TEST_CASE("what is far away is told as 100 years") {
    const Duration longest = hours(24 * 36525);
    for (const std::string_view value :
         {"3155760001", "9223372036854775807", "9223372036854775808",
          "99999999999999999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"}) {
      CAPTURE(value);
      CHECK(delay(value) == longest);
    }
    CHECK(delay("3155759999") == longest - 1s);
    CHECK(delay("Fri, 31 Dec 9999 23:59:59 GMT", WallTime::max()) <= longest);
    CHECK(delay("Fri, 31 Dec 9999 23:59:59 GMT", WallTime::min()) <= longest);
    CHECK(delay("Sat, 01 Jan 0000 00:00:00 GMT", WallTime::max()) == 0s);
  }

  TEST_CASE("what makes no sense is none") {
    for (const std::string_view value : {"",
                                         " ",
                                         "-1",
                                         "+1",
                                         "1.5",
                                         "1s",
                                         "soon",
                                         "0x10",
                                         "1 2",
                                         "Thu",
                                         "Thu,",
                                         "Thu, ",
                                         "Thu, 29 Feb 2024",
                                         "Thu, 29 Feb 2024 12:00:01",
                                         "Thu, 29 Feb 2024 12:00:01 CET",
                                         "Thu, 29 Feb 2024 12:00:01 GMT ,",
                                         "Thu, 29 Feb 2024 24:00:00 GMT",
                                         "Thu, 29 Feb 2024 12:60:00 GMT",
                                         "Thu, 29 Feb 2024 12:00:61 GMT",
                                         "Thu, 30 Feb 2024 12:00:00 GMT",
                                         "Wed, 29 Feb 2023 12:00:00 GMT",
                                         "Thu, 00 Feb 2024 12:00:00 GMT",
                                         "Thu, 9 Feb 2024 12:00:00 GMT",
                                         "Thu, 29 feb 2024 12:00:00 GMT",
                                         "thu, 29 Feb 2024 12:00:00 GMT",
                                         "Xyz, 29 Feb 2024 12:00:00 GMT",
                                         "Thursday, 29 Feb 2024 12:00:00 GMT",
                                         "Thu, 29-Feb-24 12:00:00 GMT",
                                         "Thu Feb 29 12:00:01 2024 GMT",
                                         "Thu Feb 029 12:00:01 2024",
                                         "Thu, 29 Feb 2024 1a:00:00 GMT"}) {
      CAPTURE(value);
      CHECK(delay(value) == std::nullopt);
    }
  }

  TEST_CASE("two digits of a year mean one at most 50 years ahead") {
    const auto year_of = [](std::string_view digits) {
      const auto date =
          parse_http_date("Monday, 01-Jan-" + std::string(digits) + " 00:00:00 GMT", kNow);
      REQUIRE(date);
      return static_cast<int>(year_month_day(floor<days>(*date)).year());
    };
    CHECK(year_of("24") == 2024);
    CHECK(year_of("74") == 2074);
    CHECK(year_of("75") == 1975);
    CHECK(year_of("99") == 1999);
    CHECK(year_of("00") == 2000);
  }

  TEST_CASE("a leap second and a wrong day of the week are read") {
    CHECK(parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT", kNow) == sys_days(2017y / January / 1));
    CHECK(parse_http_date("Mon, 06 Nov 1994 08:49:37 GMT", kNow) ==
          sys_days(1994y / November / 6) + 8h + 49min + 37s);
  }
}

}  // namespace retry_after_test
