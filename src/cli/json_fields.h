#pragma once

/// `JsonFields` is a `JsonWriter` that writes members, and the values that reports and attempts
/// share.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include <xtrace/clock.h>
#include <xtrace/error.h>
#include <xtrace/http.h>

#include "base/json_writer.h"

namespace xtrace::cli {

/// Rounded down, so that a part never ends behind the whole.
inline std::int64_t whole_microseconds(Duration moment) {
  return std::chrono::floor<std::chrono::microseconds>(moment).count();
}

class JsonFields : public JsonWriter {
 public:
  using JsonWriter::JsonWriter;

  void text(std::string_view name, std::string_view value);
  /// `null` for empty text.
  void text_or_null(std::string_view name, std::string_view value);
  void number_of(std::string_view name, std::int64_t value);
  void count(std::string_view name, std::uint64_t value);
  void flag(std::string_view name, bool value);
  void null_member(std::string_view name);

  /// The member `error`.
  void error(const std::optional<Error>& error);
  /// The member `status`.
  void status(const std::optional<Response>& response);
};

}  // namespace xtrace::cli
