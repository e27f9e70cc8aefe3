#include "instrument/dogstatsd_line.h"

#include <algorithm>

#include "instrument/metric_text.h"

namespace xtrace {

namespace {

// A server may end lines and texts at any of them.
constexpr std::string_view kControls{
    "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"
    "\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x7f",
    33};

std::string without(std::string_view text, std::string_view separators) {
  std::string forbidden{kControls};
  forbidden += separators;
  return clean_text(text, forbidden);
}

std::string_view type_of(MetricInfo::Kind kind) {
  switch (kind) {
    case MetricInfo::Kind::histogram:
      return "|h";
    case MetricInfo::Kind::counter:
      return "|c";
    case MetricInfo::Kind::gauge:
      break;
  }
  return "|g";
}

}  // namespace

std::string dogstatsd_name(std::string_view prefix, std::string_view name) {
  std::string whole{prefix};
  whole += name;
  whole = without(whole, ":|");
  const bool is_other_message = whole.starts_with("_e{") || whole.starts_with("_sc");
  if (is_other_message) whole.erase(0, 1);
  if (whole.empty()) whole = "unnamed";
  return whole;
}

MetricTags dogstatsd_tags(std::span<const MetricTag> tags) {
  MetricTags clean;
  for (const MetricTag& tag : tags) {
    if (!tag.key.empty()) clean.emplace_back(without(tag.key, ":,|"), without(tag.value, ",|"));
  }
  std::sort(clean.begin(), clean.end());
  return clean;
}

std::string dogstatsd_tail(MetricInfo::Kind kind, const MetricTags& common, const MetricTags& own) {
  std::string tail{type_of(kind)};
  std::string_view separator = "|#";
  for (const MetricTags* tags : {&common, &own}) {
    for (const auto& [key, value] : *tags) {
      tail += separator;
      tail += key;
      tail += ':';
      tail += value;
      separator = ",";
    }
  }
  return tail;
}

}  // namespace xtrace
