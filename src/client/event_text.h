#pragma once

/// `EventText` collects the fields of one `TraceEvent` as text.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include <xtrace/client_trace.h>

namespace xtrace {

class EventText {
 public:
  static constexpr std::size_t kMostFields = 8;

  EventText() = default;
  EventText(const EventText&) = delete;
  EventText& operator=(const EventText&) = delete;
  ~EventText() = default;

  /// `name` lives as long as this; the value is copied.
  void add(std::string_view name, std::string_view value);
  void add_flag(std::string_view name, bool value) { add(name, value ? "true" : "false"); }
  void add_number(std::string_view name, std::int64_t value);
  /// Milliseconds with three decimals.
  void add_milliseconds(std::string_view name, Duration value);
  /// `error`, its code's name, and `message`; nothing for null.
  void add_error(const Error* error);
  /// Their hosts, separated by commas.
  void add_hosts(std::string_view name, std::span<const Address> addresses);

  void tell(std::string_view event, const std::function<void(const TraceEvent&)>& sink) const;

 private:
  struct Place {
    std::string_view name{};
    std::size_t begin = 0;
    std::size_t size = 0;
  };

  std::string text_;  // all values, one behind the other
  std::array<Place, kMostFields> places_{};
  std::size_t count_ = 0;
};

}  // namespace xtrace
