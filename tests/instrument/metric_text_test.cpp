#include "instrument/metric_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

namespace xtrace::metric_text_test {

namespace {

std::string written(double value) {
  return std::string{NumberText(value).view()};
}

/// The library's own shortest form.
std::string shortest(double value, std::chars_format format = std::chars_format::general) {
  std::array<char, 64> letters{};
  const auto result = std::to_chars(letters.data(), letters.data() + letters.size(), value, format);
  return {letters.data(), result.ptr};
}

}  // namespace

TEST_SUITE_BEGIN("instrument/metric_text");

TEST_CASE("a number is written as Go and prometheus-cpp write it") {
  CHECK(written(0.0001) == "0.0001");
  CHECK(written(0.00005) == "5e-05");
  CHECK(written(1073741824) == "1073741824");
  CHECK(written(0.1) == "0.1");
  CHECK(written(-0.0) == "0");
  CHECK(written(1e300) == "1e+300");
  CHECK(written(-1.7976931348623157e308) == "-1.7976931348623157e+308");
  CHECK(written(HUGE_VAL) == "+Inf");
  CHECK(written(-HUGE_VAL) == "-Inf");
  CHECK(written(std::nan("")) == "NaN");
}

TEST_CASE("a whole number below 10^15 has no exponent") {
  CHECK(written(100000) == "100000");
  CHECK(written(-999999999999999) == "-999999999999999");
  CHECK(written(1e15) == shortest(1e15));
}

TEST_CASE("the short way for millionths writes what the long one would") {
  std::minstd_rand random{20260725};
  const auto below = [&random](double limit) {
    return std::uniform_real_distribution<double>{0, limit}(random);
  };
  for (int i = 0; i < 20'000; ++i) {
    const double limit = std::pow(10.0, below(17) - 3);
    // Millionths, their neighbours, fewer decimals, and anything.
    const double exact = std::floor(below(limit) * 1e6) / 1e6;
    const double few = std::floor(below(limit) * 100) / 100;
    for (const double value : {exact, -exact, std::nextafter(exact, 0.0),
                               std::nextafter(exact, HUGE_VAL), few, below(limit)}) {
      if (value == std::trunc(value)) continue;
      // From a million on the library's general form has an exponent, which nobody needs.
      const bool is_plain = std::abs(value) >= 1e6 && written(value).find('e') == std::string::npos;
      CHECK(written(value) ==
            (is_plain ? shortest(value, std::chars_format::fixed) : shortest(value)));
    }
  }
  for (const double value : {0.0001, 0.000101, 0.000099, 0.5, 0.999999, 999999.999999}) {
    CHECK(written(value) == shortest(value));
  }
  CHECK(written(999999999.999999) == "999999999.999999");
}

TEST_CASE("the short way for thousandths writes what the long one would") {
  const auto check = [](std::int64_t thousandths) {
    const double value = static_cast<double>(thousandths) / 1000;
    CHECK(written(value) == shortest(value, std::chars_format::fixed));
    if (thousandths != 0) CHECK(written(-value) == shortest(-value, std::chars_format::fixed));
    for (const double beside :
         {std::nextafter(value, -HUGE_VAL), std::nextafter(value, HUGE_VAL)}) {
      const std::string text = written(beside);
      const bool is_plain = text.find('e') == std::string::npos;
      const auto format = is_plain ? std::chars_format::fixed : std::chars_format::general;
      CHECK(text == shortest(beside, format));
    }
  };
  for (std::int64_t i = 0; i <= 12'000; ++i) check(i);
  std::minstd_rand random{20260726};
  for (int i = 0; i < 20'000; ++i) {
    const double most = std::pow(10.0, 4 + i % 12);
    const auto any =
        static_cast<std::int64_t>(std::uniform_real_distribution<double>{0, most}(random));
    check(any);
    check(any / 10 * 10);
    check(any / 100 * 100);
  }
  for (const std::int64_t last : {999'999'999'999'999, 1'000'000'000'000'000}) check(last);
}

TEST_CASE("a text is copied to where it is wanted, its end told") {
  for (const double value : {0.0, -1.7976931348623157e308, 12.345}) {
    std::array<char, NumberText::kMost> letters{};
    const NumberText text{value};
    const char* const end = text.write_to(letters.data());
    CHECK(std::string_view(letters.data(), static_cast<std::size_t>(end - letters.data())) ==
          text.view());
  }
}

TEST_CASE("a text keeps its letters but for those forbidden and what is no UTF-8") {
  CHECK(clean_text("a|b\xc3\xa9\n", "|\n") == "a_b\xc3\xa9_");
  CHECK(clean_text("\xe2\x82!\xc0\x80", "!") == "\xEF\xBF\xBD_\xEF\xBF\xBD\xEF\xBF\xBD");
  CHECK(clean_text("", "x").empty());
}

TEST_SUITE_END();

}  // namespace xtrace::metric_text_test
