#pragma once

/// What the adapters of servers share: from what a library read of a request to the texts that
/// `ServerRequestFacts` (server_trace.h) wants.

#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include <xtrace/server_trace.h>

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

/// The value of the first field in `fields`, as `value_of` finds it; empty without any.
template <class Iterator, class ValueOf>
std::string_view first_field(std::pair<Iterator, Iterator> fields, ValueOf value_of) {
  return fields.first == fields.second ? std::string_view() : value_of(*fields.first);
}

/// That of the only field; empty where there are several.
template <class Iterator, class ValueOf>
std::string_view only_field(std::pair<Iterator, Iterator> fields, ValueOf value_of) {
  const bool is_alone = fields.first != fields.second && std::next(fields.first) == fields.second;
  return is_alone ? value_of(*fields.first) : std::string_view();
}

/// That of the only field, or those of several in `storage`, with commas between them.
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

/// The texts that no request holds as they are.
struct JoinedFields {
  std::string forwarded_for{};
  std::string tracestate{};
};

/// Fills in what the header fields of a request tell. `fields_of` finds those of a name: two
/// iterators, in the order they came. The facts are views into the request and into `joined`.
template <class FieldsOf, class ValueOf>
void read_header_fields(FieldsOf fields_of, ValueOf value_of, ServerRequestFacts& facts,
                        JoinedFields& joined) {
  facts.host = first_field(fields_of("Host"), value_of);
  facts.user_agent = first_field(fields_of("User-Agent"), value_of);
  facts.forwarded_for = joined_fields(fields_of("X-Forwarded-For"), value_of, joined.forwarded_for);
  facts.trace_header = first_field(fields_of("X-Amzn-Trace-Id"), value_of);
  facts.traceparent = only_field(fields_of("traceparent"), value_of);
  facts.tracestate = joined_fields(fields_of("tracestate"), value_of, joined.tracestate);
}

}  // namespace xtrace
