#pragma once

/// The keywords of filter expressions: what each asks for, and where it means something.

#include <cstdint>
#include <string>
#include <string_view>

#include "collect/filter_node.h"

namespace xtrace::collect {

/// What a keyword is asked of: the trace, or one element of what stands before braces.
enum class FilterPlace : std::uint8_t {
  trace = 1,
  service = 2,
  edge = 4,
  cause_service = 8,
  cause_entity = 16,
  cause_exception = 32,
};

struct FilterWord {
  std::string_view text;
  FilterField field;
  FilterValue value;
  std::uint8_t places;  ///< Each `FilterPlace` in which it means something.

  bool is_known_in(FilterPlace place) const {
    return (places & static_cast<std::uint8_t>(place)) != 0;
  }
};

/// In any case; null where there is none.
const FilterWord* find_filter_word(std::string_view text);

/// Where a keyword means something, for people: `in the braces of service()`.
std::string places_of(const FilterWord& word);

/// What a place is called: `in the braces of edge()`.
std::string_view name_of_place(FilterPlace place);

}  // namespace xtrace::collect
