#include "collect/otlp_value.h"

#include <charconv>
#include <cmath>

#include "collect/value_reader.h"

namespace xtrace::collect {

namespace {

using ValueKind = OtlpValue::Kind;

std::optional<std::int64_t> otlp_whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
  return is_whole ? std::optional(value) : std::nullopt;
}

/// An `intValue`: 64 bits are a text in JSON of protocol buffers, and some write numbers.
OtlpValue read_otlp_integer(ValueReader& reader) {
  constexpr double kMost = 9e15;
  if (reader.token() == '"') {
    const auto value = otlp_whole_number(reader.text());
    return value ? OtlpValue{.kind = ValueKind::integer, .integer = *value} : OtlpValue{};
  }
  const std::optional<double> value = reader.number();
  if (!value || std::abs(*value) > kMost) return {};
  return {.kind = ValueKind::integer, .integer = static_cast<std::int64_t>(*value)};
}

/// The `values` of an array or of a list of keys, as they are written; `[]` where there are none.
std::string_view read_otlp_values(ValueReader& reader) {
  std::string_view values = "[]";
  reader.object([&](std::string_view key) {
    const std::string_view block = key == "values" ? reader.block('[') : std::string_view{};
    if (key != "values") reader.skip();
    if (!block.empty()) values = block;
  });
  return values;
}

OtlpValue read_otlp_any(ValueReader& reader) {
  OtlpValue value;
  reader.object([&](std::string_view key) {
    if (key == "stringValue" || key == "bytesValue") {
      value = {.kind = ValueKind::text, .text = reader.text()};
    } else if (key == "boolValue") {
      value = {.kind = ValueKind::flag, .flag = reader.flag()};
    } else if (key == "intValue") {
      value = read_otlp_integer(reader);
    } else if (key == "doubleValue") {
      const auto number = reader.number();
      if (number) value = {.kind = ValueKind::number, .number = *number};
    } else if (key == "arrayValue") {
      value = {.kind = ValueKind::array, .text = read_otlp_values(reader)};
    } else if (key == "kvlistValue") {
      value = {.kind = ValueKind::object, .text = read_otlp_values(reader)};
    } else {
      reader.skip();
    }
  });
  return value;
}

OtlpAttribute read_otlp_attribute(ValueReader& reader) {
  OtlpAttribute attribute;
  reader.object([&](std::string_view key) {
    if (key == "key") {
      attribute.key = reader.text();
    } else if (key == "value") {
      attribute.value = read_otlp_any(reader);
    } else {
      reader.skip();
    }
  });
  return attribute;
}

std::optional<std::int64_t> otlp_count_of(const OtlpValue* value) {
  if (value == nullptr) return std::nullopt;
  std::optional<std::int64_t> count;
  if (value->kind == ValueKind::integer) count = value->integer;
  if (value->kind == ValueKind::text) count = otlp_whole_number(value->text);
  return count && *count >= 0 ? count : std::nullopt;
}

}  // namespace

OtlpAttributeList::OtlpAttributeList(std::string_view array, std::deque<std::string>& decoded) {
  if (array.empty()) return;
  ValueReader reader(array, decoded);
  reader.array([&] {
    OtlpAttribute attribute = read_otlp_attribute(reader);
    if (!attribute.key.empty()) attributes_.push_back(attribute);
  });
}

std::string_view OtlpAttributeList::look(std::string_view key) const {
  for (const OtlpAttribute& attribute : attributes_) {
    if (attribute.key == key && attribute.value.kind == ValueKind::text) {
      return attribute.value.text;
    }
  }
  return {};
}

const OtlpValue* OtlpAttributeList::take(std::string_view key) {
  for (OtlpAttribute& attribute : attributes_) {
    if (attribute.key != key || attribute.is_used) continue;
    attribute.is_used = true;
    return &attribute.value;
  }
  return nullptr;
}

std::string_view OtlpAttributeList::take_text(std::string_view key) {
  const OtlpValue* const value = take(key);
  return value != nullptr && value->kind == ValueKind::text ? value->text : std::string_view{};
}

std::string_view OtlpAttributeList::take_text(std::string_view key, std::string_view other) {
  const std::string_view first = take_text(key);
  const std::string_view second = take_text(other);
  return first.empty() ? second : first;
}

std::optional<std::int64_t> OtlpAttributeList::take_count(std::string_view key) {
  return otlp_count_of(take(key));
}

std::optional<std::int64_t> OtlpAttributeList::take_count(std::string_view key,
                                                          std::string_view other) {
  const auto first = take_count(key);
  const auto second = take_count(other);
  return first ? first : second;
}

bool OtlpAttributeList::take_flag(std::string_view key) {
  const OtlpValue* const value = take(key);
  return value != nullptr && value->kind == ValueKind::flag && value->flag;
}

std::vector<std::string_view> otlp_texts(const OtlpValue& value, std::deque<std::string>& decoded) {
  std::vector<std::string_view> texts;
  if (value.kind != ValueKind::array) return texts;
  ValueReader reader(value.text, decoded);
  reader.array([&] {
    const OtlpValue element = read_otlp_any(reader);
    if (element.kind == ValueKind::text) texts.push_back(element.text);
  });
  return texts;
}

// Nesting is bounded by that of the text, which the cursor bounds.
// NOLINTNEXTLINE(misc-no-recursion)
void write_otlp_value(JsonWriter& json, const OtlpValue& value, std::deque<std::string>& decoded) {
  switch (value.kind) {
    case ValueKind::none:
      return json.null();
    case ValueKind::text:
      return json.string(value.text);
    case ValueKind::flag:
      return json.boolean(value.flag);
    case ValueKind::integer:
      return json.integer(value.integer);
    case ValueKind::number:
      return json.number(value.number);
    case ValueKind::array: {
      json.begin_array();
      ValueReader reader(value.text, decoded);
      reader.array([&] { write_otlp_value(json, read_otlp_any(reader), decoded); });
      return json.end_array();
    }
    case ValueKind::object: {
      json.begin_object();
      const OtlpAttributeList members(value.text, decoded);
      for (const OtlpAttribute& member : members.all()) {
        json.key(member.key);
        write_otlp_value(json, member.value, decoded);
      }
      return json.end_object();
    }
  }
}

}  // namespace xtrace::collect
