#pragma once

/// What the tag `status` says: an answer's code, `error` or `timeout`.

#include <array>
#include <charconv>
#include <cstddef>
#include <string_view>
#include <vector>

#include <xtrace/metrics_sink.h>

namespace xtrace {

/// A status code, or one of the two for a request without an answer.
using StatusNumber = int;
inline constexpr StatusNumber kErrorStatus = 0;
inline constexpr StatusNumber kTimeoutStatus = -1;

class StatusText {
 public:
  explicit StatusText(StatusNumber status) : status_(status) {
    if (status <= 0) return;
    const auto end = std::to_chars(letters_.data(), letters_.data() + letters_.size(), status);
    size_ = static_cast<std::size_t>(end.ptr - letters_.data());
    class_[0] = letters_[0];
  }

  /// `200`, `error`, `timeout`.
  std::string_view status() const {
    if (status_ > 0) return {letters_.data(), size_};
    return status_ == kTimeoutStatus ? "timeout" : "error";
  }
  /// `2xx`, `error`.
  std::string_view status_class() const {
    return status_ > 0 ? std::string_view(class_.data(), class_.size()) : "error";
  }

 private:
  StatusNumber status_;
  std::array<char, 12> letters_{};
  std::size_t size_ = 0;
  std::array<char, 3> class_{'0', 'x', 'x'};
};

/// Series by status: the few there are, in the order they came.
class SeriesByStatus {
 public:
  /// `make` is called for the first of each.
  template <class Make>
  MetricSeries& find_or_make(StatusNumber status, const Make& make) {
    for (const auto& [known, series] : all_) {
      if (known == status) return *series;
    }
    return *all_.emplace_back(Pair{status, &make(StatusText(status))}).series;
  }

 private:
  struct Pair {
    StatusNumber status;
    MetricSeries* series;
  };
  std::vector<Pair> all_{};
};

}  // namespace xtrace
