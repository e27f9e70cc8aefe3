#pragma once

/// `Scalar` is the value of an annotation or a metadata entry: a boolean, a number or a text.
///
/// It converts from each of them as it is: `1` stays an integer and `"text"` never becomes a
/// boolean.

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace xtrace {

class Scalar {
 public:
  using Data = std::variant<bool, std::int64_t, std::uint64_t, double, std::string>;

  // NOLINTBEGIN(google-explicit-constructor): a value is a scalar
  template <std::same_as<bool> Bool>
  Scalar(Bool value) : data_(value) {}

  template <std::signed_integral Integer>
  Scalar(Integer value) : data_(static_cast<std::int64_t>(value)) {}

  template <std::unsigned_integral Integer>
  requires(!std::is_same_v<Integer, bool>) Scalar(Integer value)
      : data_(static_cast<std::uint64_t>(value)) {}

  template <std::floating_point Number>
  Scalar(Number value) : data_(static_cast<double>(value)) {}

  template <class Text>
  requires std::is_convertible_v<const Text&, std::string_view> Scalar(const Text& text)
      : data_(std::string{std::string_view{text}}) {}
  // NOLINTEND(google-explicit-constructor)

  const Data& data() const { return data_; }

  friend bool operator==(const Scalar&, const Scalar&) = default;

 private:
  Data data_;
};

}  // namespace xtrace
