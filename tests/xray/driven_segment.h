#pragma once

/// A segment whose recording is driven by bytes, for the fuzzer and for the schema: every byte
/// string records something, and what must read back is written down beside it.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <xtrace/segment.h>

namespace xtrace::testing {

/// One value that the document must hold: at `path` in the object of the node `id`.
struct Expectation {
  std::string id;
  nlohmann::json::json_pointer path;
  nlohmann::json value;
};

struct DrivenSegment {
  Segment segment;
  std::vector<Expectation> expectations;
};

DrivenSegment drive_segment(std::span<const std::uint8_t> bytes);

/// The object of the node `id` in a document, or null.
const nlohmann::json* find_node(const nlohmann::json& document, const std::string& id);

}  // namespace xtrace::testing
