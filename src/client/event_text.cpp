#include "client/event_text.h"

#include <charconv>

#include "base/assert.h"

namespace xtrace {

void EventText::add(std::string_view name, std::string_view value) {
  XTRACE_ASSERT(count_ < kMostFields);
  places_[count_++] = {.name = name, .begin = text_.size(), .size = value.size()};
  text_ += value;
}

void EventText::add_number(std::string_view name, std::int64_t value) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  add(name, {digits.data(), static_cast<std::size_t>(end - digits.data())});
}

void EventText::add_milliseconds(std::string_view name, Duration value) {
  constexpr int kDecimals = 3;
  std::array<char, 40> digits{};
  const double milliseconds = std::chrono::duration<double, std::milli>(value).count();
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), milliseconds,
                                 std::chars_format::fixed, kDecimals)
                       .ptr;
  add(name, {digits.data(), static_cast<std::size_t>(end - digits.data())});
}

void EventText::add_error(const Error* error) {
  if (error == nullptr) return;
  add("error", to_string(error->code));
  add("message", error->message);
}

void EventText::add_hosts(std::string_view name, std::span<const Address> addresses) {
  add(name, {});
  Place& place = places_[count_ - 1];
  for (const Address& address : addresses) {
    if (text_.size() > place.begin) text_ += ',';
    text_ += address.host();
  }
  place.size = text_.size() - place.begin;
}

void EventText::tell(std::string_view event,
                     const std::function<void(const TraceEvent&)>& sink) const {
  std::array<TraceEvent::Field, kMostFields> fields{};
  const std::string_view all = text_;
  for (std::size_t i = 0; i < count_; ++i) {
    fields[i] = {.name = places_[i].name, .value = all.substr(places_[i].begin, places_[i].size)};
  }
  sink({.name = event, .fields = std::span(fields.data(), count_)});
}

}  // namespace xtrace
