#pragma once

/// Segment documents as text, for what is asked of stores and servers.

#include <string>

#include <xtrace/trace_id.h>

namespace xtrace::collect::testing {

/// `digits` as hexadecimal text of that width, zeros in front.
inline std::string hex(int value, std::size_t width) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text(width, '0');
  for (std::size_t at = width; value > 0 && at > 0; value /= 16) text[--at] = kDigits[value % 16];
  return text;
}

/// The id of the trace of that number.
inline TraceId trace_id(int number) {
  return *TraceId::parse("1-58406520-" + hex(number, 24));
}

/// A segment of the service `shop` from second 1; `more` are its further members.
inline std::string segment(int trace, int id, const std::string& more,
                           const std::string& name = "shop") {
  return R"({"trace_id":")" + trace_id(trace).to_string() + R"(","id":")" + hex(id, 16) +
         R"(","name":")" + name + R"(","start_time":1,)" + more + "}";
}

}  // namespace xtrace::collect::testing
