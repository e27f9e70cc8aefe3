#include "cli/document_facts.h"

#include <nlohmann/json.hpp>

namespace xtrace::cli {

namespace {

using Json = nlohmann::json;

std::size_t count_below(const Json& node) {
  const auto children = node.find("subsegments");
  if (children == node.end()) return 0;
  std::size_t count = 0;
  for (const Json& child : *children) count += 1 + count_below(child);
  return count;
}

}  // namespace

std::size_t count_subsegments(std::span<const std::string> documents) {
  std::size_t count = 0;
  for (const std::string& document : documents) {
    const Json node = Json::parse(document, nullptr, false);
    if (!node.is_object()) continue;
    count += count_below(node) + (node.value("type", std::string()) == "subsegment" ? 1 : 0);
  }
  return count;
}

}  // namespace xtrace::cli
