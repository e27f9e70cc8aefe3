#pragma once

/// What the adapters of servers share: from what a library read of a request to the texts that
/// `ServerRequestFacts` (server_trace.h) wants.

#include <iterator>
#include <string>
#include <string_view>
#include <utility>

namespace xtrace {

/// The path of a request target, escapes as they came, without the query: of `/path?query`, of
/// `http://host/path`, of `*`. A part of `target`, or `/` where a URL has no path.
inline std::string_view path_of_target(std::string_view target) {
  target = target.substr(0, target.find_first_of("?#"));
  if (target.empty() || target.front() == '/' || target == "*") return target;
  const std::size_t scheme = target.find("://");
  if (scheme == std::string_view::npos) return target;
  const std::size_t path = target.find('/', scheme + 3);
  return path == std::string_view::npos ? std::string_view("/") : target.substr(path);
}

/// The value of the only field in `fields`, as `value_of` finds it, or those of several in
/// `storage`, with commas between them.
template <class Iterator, class ValueOf>
std::string_view joined_fields(std::pair<Iterator, Iterator> fields, ValueOf value_of,
                               std::string& storage) {
  Iterator field = fields.first;
  if (field == fields.second) return {};
  if (std::next(field) == fields.second) return value_of(*field);
  for (; field != fields.second; ++field) {
    if (!storage.empty()) storage += ',';
    storage += value_of(*field);
  }
  return storage;
}

}  // namespace xtrace
