#include "collect/web_query.h"

#include <algorithm>
#include <charconv>

#include "http/percent.h"

namespace xtrace::collect {

namespace {

std::optional<std::string> decode(std::string_view text) {
  std::string spaced(text);
  std::ranges::replace(spaced, '+', ' ');
  return percent_decode(spaced);
}

}  // namespace

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const std::size_t sign = std::min(pair.find('='), pair.size());
    if (decode(pair.substr(0, sign)) == name)
      return decode(pair.substr(std::min(sign + 1, pair.size())));
  }
  return {};
}

std::optional<std::uint64_t> query_number(std::string_view query, std::string_view name) {
  const std::optional<std::string> text = query_value(query, name);
  if (!text || text->empty()) return {};
  std::uint64_t number = 0;
  const char* const end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, number);
  if (read.ec != std::errc{} || read.ptr != end) return {};
  return number;
}

}  // namespace xtrace::collect
