#pragma once

/// `Expected<T>` holds either a `T` or the `Error` that kept it from being made.
///
/// Look before you take: `if (auto* error = result.if_error()) return *error;`, then `*result`. The
/// accessors are deleted on temporaries so that nobody keeps a reference into one;
/// `std::move(result).value()` moves the value out.

#include <utility>
#include <variant>

#include <xtrace/error.h>

namespace xtrace {

template <class T>
class [[nodiscard]] Expected {
 public:
  Expected(T value) : data_(std::in_place_index<0>, std::move(value)) {}
  Expected(Error error) : data_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const { return data_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  /// The value. The caller has looked: calling this on an error is a bug and terminates.
  T& value() & noexcept { return std::get<0>(data_); }
  const T& value() const& noexcept { return std::get<0>(data_); }
  T value() && noexcept { return std::get<0>(std::move(data_)); }
  T& operator*() & noexcept { return value(); }
  const T& operator*() const& noexcept { return value(); }
  T operator*() && noexcept { return std::move(*this).value(); }
  T* operator->() noexcept { return &value(); }
  const T* operator->() const noexcept { return &value(); }

  /// The error. The caller has looked: calling this on a value is a bug and terminates.
  Error& error() & noexcept { return std::get<1>(data_); }
  const Error& error() const& noexcept { return std::get<1>(data_); }
  Error error() && noexcept { return std::get<1>(std::move(data_)); }

  /// A pointer to the error, or null where there is a value.
  const Error* if_error() const& noexcept { return std::get_if<1>(&data_); }
  const Error* if_error() const&& = delete;

 private:
  std::variant<T, Error> data_;
};

/// Success, or the error of a deed that has no result.
template <>
class [[nodiscard]] Expected<void> {
 public:
  Expected() = default;
  Expected(Error error) : error_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const { return error_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  Error& error() & noexcept { return std::get<1>(error_); }
  const Error& error() const& noexcept { return std::get<1>(error_); }
  Error error() && noexcept { return std::get<1>(std::move(error_)); }
  const Error* if_error() const& noexcept { return std::get_if<1>(&error_); }
  const Error* if_error() const&& = delete;

 private:
  std::variant<std::monostate, Error> error_;
};

}  // namespace xtrace
