#pragma once

/// Segment documents read back, for the tests of this layer.

#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <xtrace/segment.h>

namespace xtrace::testing {

inline nlohmann::json parse_document(const std::string& text) {
  nlohmann::json document = nlohmann::json::parse(text, nullptr, false);
  REQUIRE_MESSAGE(!document.is_discarded(), text);
  return document;
}

/// The only document of a segment that fits one.
inline nlohmann::json only_document(const Segment& segment) {
  const DocumentSet set = segment.documents();
  REQUIRE(set.documents.size() == 1);
  return parse_document(set.documents[0]);
}

inline WallTime wall_at(std::chrono::milliseconds since_epoch) {
  return WallTime{since_epoch};
}

}  // namespace xtrace::testing
