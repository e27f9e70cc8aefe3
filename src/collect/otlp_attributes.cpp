#include "collect/otlp_attributes.h"

#include <algorithm>
#include <cmath>

#include "collect/value_reader.h"

namespace xtrace::collect {

OtlpAttributes::OtlpAttributes(JsonWriter& json) : json_(json) {
  json_.key("attributes");
  json_.begin_array();
}

OtlpAttributes::~OtlpAttributes() {
  json_.end_array();
}

void OtlpAttributes::text(std::string_view key, std::string_view value) {
  if (!value.empty()) string(key, value);
}

void OtlpAttributes::string(std::string_view key, std::string_view value) {
  begin(key, "stringValue");
  json_.string(value);
  end();
}

void OtlpAttributes::flag(std::string_view key, bool value) {
  if (value) boolean(key, value);
}

void OtlpAttributes::boolean(std::string_view key, bool value) {
  begin(key, "boolValue");
  json_.boolean(value);
  end();
}

void OtlpAttributes::integer(std::string_view key, std::int64_t value) {
  begin(key, "intValue");
  json_.string(std::to_string(value));
  end();
}

void OtlpAttributes::number(std::string_view key, double value) {
  constexpr double kExact = 9e15;
  if (std::trunc(value) == value && std::abs(value) <= kExact) {
    return integer(key, static_cast<std::int64_t>(value));
  }
  begin(key, "doubleValue");
  json_.number(value);
  end();
}

void OtlpAttributes::texts(std::string_view key, std::span<const std::string_view> values) {
  if (values.empty()) return;
  begin(key, "arrayValue");
  json_.begin_object();
  json_.key("values");
  json_.begin_array();
  for (const std::string_view value : values) {
    json_.begin_object();
    json_.key("stringValue");
    json_.string(value);
    json_.end_object();
  }
  json_.end_array();
  json_.end_object();
  end();
}

void OtlpAttributes::members(std::string_view object, std::span<const OtlpName> names,
                             std::deque<std::string>& decoded) {
  if (object.empty()) return;
  ValueReader reader(object, decoded);
  reader.object([&](std::string_view member) {
    const auto name = std::ranges::find(names, member, &OtlpName::member);
    if (name == names.end()) return reader.skip();
    if (reader.token() == '"') return text(name->attribute, reader.text());
    const std::optional<std::int64_t> count = reader.count();
    if (count) text(name->attribute, std::to_string(*count));
  });
}

void OtlpAttributes::begin(std::string_view key, std::string_view kind) {
  json_.begin_object();
  json_.key("key");
  json_.string(key);
  json_.key("value");
  json_.begin_object();
  json_.key(kind);
}

void OtlpAttributes::end() {
  json_.end_object();
  json_.end_object();
}

std::string otlp_nanos(double seconds) {
  // As many digits as a double of our days has, and no more than the format has room for.
  constexpr double kLatest = 1.8e10;
  const double tenths = std::clamp(seconds, 0.0, kLatest) * 1e7;
  return std::to_string(static_cast<std::uint64_t>(std::llround(tenths)) * 100);
}

}  // namespace xtrace::collect
