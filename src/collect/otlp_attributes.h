#pragma once

/// `OtlpAttributes` writes a list of OTLP's attributes.

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "collect/otlp_names.h"

namespace xtrace::collect {

class OtlpAttributes {
 public:
  /// Writes the list, in the object that is open, until it is destroyed.
  explicit OtlpAttributes(JsonWriter& json);
  OtlpAttributes(const OtlpAttributes&) = delete;
  OtlpAttributes& operator=(const OtlpAttributes&) = delete;
  ~OtlpAttributes();

  // Leave out empty texts and false flags.
  void text(std::string_view key, std::string_view value);
  void flag(std::string_view key, bool value);
  // Write whatever it is.
  void string(std::string_view key, std::string_view value);
  void boolean(std::string_view key, bool value);
  void integer(std::string_view key, std::int64_t value);
  void number(std::string_view key, double value);
  void texts(std::string_view key, std::span<const std::string_view> values);

  /// The texts and whole numbers of an object that have a name.
  void members(std::string_view object, std::span<const OtlpName> names,
               std::deque<std::string>& decoded);

 private:
  void begin(std::string_view key, std::string_view kind);
  void end();

  JsonWriter& json_;
};

/// Epoch nanoseconds, as OTLP has them: a text of digits.
std::string otlp_nanos(double seconds);

}  // namespace xtrace::collect
