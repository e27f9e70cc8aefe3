#include "collect/filter_words.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace xtrace::collect {

namespace {

constexpr std::uint8_t kTrace = 1;
constexpr std::uint8_t kService = 2;
constexpr std::uint8_t kEdge = 4;
constexpr std::uint8_t kCauseService = 8;
constexpr std::uint8_t kCauseEntity = 16;
constexpr std::uint8_t kCauseException = 32;
constexpr std::uint8_t kCause = kCauseService | kCauseEntity | kCauseException;
constexpr std::uint8_t kCalls = kTrace | kService | kEdge;
// The list of entities is known by its end alone: neither the first nor a number can be told.
constexpr std::uint8_t kLists = kCauseService | kCauseException;

using enum FilterValue;

constexpr std::array kWords{
    FilterWord{"ok", FilterField::ok, boolean, kCalls},
    FilterWord{"error", FilterField::error, boolean, kCalls},
    FilterWord{"throttle", FilterField::throttle, boolean, kCalls},
    FilterWord{"fault", FilterField::fault, boolean, kCalls},
    FilterWord{"partial", FilterField::partial, boolean, kTrace | kService},
    FilterWord{"inferred", FilterField::inferred, boolean, kTrace | kService | kCauseService},
    FilterWord{"root", FilterField::root, boolean, kService},
    FilterWord{"first", FilterField::first, boolean, kLists},
    FilterWord{"last", FilterField::last, boolean, kCause},
    FilterWord{"remote", FilterField::remote, boolean, kCauseEntity},
    FilterWord{"responsetime", FilterField::response_time, number, kCalls},
    FilterWord{"duration", FilterField::duration, number, kCalls},
    FilterWord{"http.status", FilterField::status, number, kTrace | kService},
    FilterWord{"index", FilterField::index, number, kLists},
    FilterWord{"http.url", FilterField::url, text, kTrace},
    FilterWord{"http.method", FilterField::method, text, kTrace},
    FilterWord{"http.useragent", FilterField::user_agent, text, kTrace},
    FilterWord{"http.clientip", FilterField::client_ip, text, kTrace},
    FilterWord{"user", FilterField::user, text, kTrace},
    FilterWord{"name", FilterField::name, text, kService | kCause},
    FilterWord{"type", FilterField::type, text, kService | kCauseService},
    FilterWord{"message", FilterField::message, text, kCauseException},
    FilterWord{"availabilityzone", FilterField::zone, text, kTrace},
    FilterWord{"instance.id", FilterField::instance_id, text, kTrace},
    FilterWord{"resource.arn", FilterField::resource_arn, text, kTrace},
};

constexpr std::array kPlaces{FilterPlace::trace,        FilterPlace::service,
                             FilterPlace::edge,         FilterPlace::cause_service,
                             FilterPlace::cause_entity, FilterPlace::cause_exception};

}  // namespace

const FilterWord* find_filter_word(std::string_view text) {
  const auto found = std::ranges::find_if(
      kWords, [text](const FilterWord& word) { return same_word(word.text, text); });
  return found == kWords.end() ? nullptr : &*found;
}

std::string places_of(const FilterWord& word) {
  std::string places;
  for (const FilterPlace place : kPlaces) {
    if (!word.is_known_in(place)) continue;
    if (!places.empty()) places += ", or ";
    places += name_of_place(place);
  }
  return places;
}

std::string_view name_of_place(FilterPlace place) {
  switch (place) {
    case FilterPlace::trace:
      return "outside of all braces";
    case FilterPlace::service:
      return "in the braces of service()";
    case FilterPlace::edge:
      return "in the braces of edge()";
    case FilterPlace::cause_service:
      return "in the braces of a root cause's service";
    case FilterPlace::cause_entity:
      return "in the braces of a root cause's entity";
    case FilterPlace::cause_exception:
      return "in the braces of a root cause's exception";
  }
  return {};
}

}  // namespace xtrace::collect
