#pragma once

/// The attributes of OTLP JSON, as they are written and by name.

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"

namespace xtrace::collect {

/// An `AnyValue`.
struct OtlpValue {
  enum class Kind : std::uint8_t { none, text, flag, integer, number, array, object };

  Kind kind = Kind::none;
  std::string_view text{};  ///< Of a text; of an array and an object the list of its values.
  bool flag = false;
  std::int64_t integer = 0;
  double number = 0;
};

struct OtlpAttribute {
  std::string_view key{};
  OtlpValue value{};
  bool is_used = false;  ///< Somebody took it.
};

/// A list of attributes, each of which can be taken once: what nobody took is left over.
class OtlpAttributeList {
 public:
  OtlpAttributeList() = default;
  /// Of a JSON array; texts that had escapes go into `decoded`, which outlives the list, as the
  /// array does.
  OtlpAttributeList(std::string_view array, std::deque<std::string>& decoded);

  /// A text, left where it is; empty where there is none.
  std::string_view look(std::string_view key) const;
  /// Null where there is none.
  const OtlpValue* take(std::string_view key);
  /// The texts of the first of these that is there; empty where none is.
  std::string_view take_text(std::string_view key);
  std::string_view take_text(std::string_view key, std::string_view other);
  /// Whole numbers from 0 on, also ones that are texts.
  std::optional<std::int64_t> take_count(std::string_view key);
  std::optional<std::int64_t> take_count(std::string_view key, std::string_view other);
  bool take_flag(std::string_view key);

  const std::vector<OtlpAttribute>& all() const { return attributes_; }
  void mark_used(std::size_t index) { attributes_[index].is_used = true; }

 private:
  std::vector<OtlpAttribute> attributes_;
};

/// The texts of an array.
std::vector<std::string_view> otlp_texts(const OtlpValue& value, std::deque<std::string>& decoded);

/// The value as plain JSON.
void write_otlp_value(JsonWriter& json, const OtlpValue& value, std::deque<std::string>& decoded);

}  // namespace xtrace::collect
