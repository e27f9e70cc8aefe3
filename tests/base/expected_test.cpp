#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include <doctest/doctest.h>

#include <xtrace/expected.h>

namespace xtrace::expected_test {
namespace {

Error refused() {
  return {Error::Code::connect_refused, Phase::dial, "connect 10.0.3.17:443: refused"};
}

Expected<std::string> text_or_error(int number) {
  if (number < 0) return refused();
  return std::to_string(number);
}

Expected<void> deed(int number) {
  if (number < 0) return refused();
  return {};
}

template <class Holder>
concept LendsErrorOfTemporary = requires {
  std::declval<Holder>().if_error();
};

}  // namespace

TEST_SUITE_BEGIN("base/expected");

TEST_CASE("an expected value holds the value and no error") {
  auto text = text_or_error(5);
  CHECK(text.has_value());
  CHECK(static_cast<bool>(text));
  CHECK(text.if_error() == nullptr);
  CHECK(*text == "5");
  CHECK(text->size() == 1);
  text.value() += "!";
  CHECK(std::as_const(text).value() == "5!");
}

TEST_CASE("an expected value that failed holds the error and no value") {
  const auto text = text_or_error(-1);
  CHECK_FALSE(text.has_value());
  CHECK_FALSE(static_cast<bool>(text));
  REQUIRE(text.if_error() != nullptr);
  CHECK(*text.if_error() == refused());
  CHECK(text.error() == refused());
}

TEST_CASE("an expected deed succeeds or holds the error") {
  CHECK(deed(1).has_value());
  const auto failed = deed(-1);
  CHECK_FALSE(failed.has_value());
  REQUIRE(failed.if_error() != nullptr);
  CHECK(failed.error().code == Error::Code::connect_refused);
  CHECK(deed(-1).error().message == refused().message);
}

TEST_CASE("an expected value that only moves is moved out") {
  Expected<std::unique_ptr<int>> made{std::make_unique<int>(3)};
  const std::unique_ptr<int> taken = std::move(made).value();
  CHECK(*taken == 3);
  const std::unique_ptr<int> other = *Expected<std::unique_ptr<int>>{std::make_unique<int>(4)};
  CHECK(*other == 4);
}

TEST_CASE("a temporary lends nothing that would outlive it") {
  static_assert(LendsErrorOfTemporary<const Expected<int>&>);
  static_assert(!LendsErrorOfTemporary<Expected<int>>);
  static_assert(!LendsErrorOfTemporary<Expected<void>>);
  static_assert(std::is_same_v<decltype(std::declval<Expected<int>>().value()), int>);
  static_assert(std::is_same_v<decltype(*std::declval<Expected<int>>()), int>);
  static_assert(std::is_same_v<decltype(std::declval<Expected<int>>().error()), Error>);
  CHECK(text_or_error(8).value() == "8");
}

TEST_SUITE_END();

}  // namespace xtrace::expected_test
