#include "cli/metadata.h"

#include <nlohmann/json.hpp>

namespace xtrace::cli {

namespace {

// Writing JSON recurses, so its depth is bounded before anything is written.
constexpr int kDeepest = 64;

}  // namespace

Expected<std::vector<MetadataEntry>> parse_metadata(std::string_view text) {
  using Json = nlohmann::ordered_json;
  bool is_too_deep = false;
  const Json::parser_callback_t watch_depth = [&is_too_deep](int depth, Json::parse_event_t,
                                                             Json&) {
    is_too_deep = is_too_deep || depth > kDeepest;
    return !is_too_deep;
  };
  const Json json = Json::parse(text, watch_depth, false);
  if (is_too_deep || !json.is_object()) {
    return Error{Error::Code::invalid_config, Phase::none,
                 "the value is not a JSON object such as {\"build\":17}, at most 64 levels deep"};
  }
  std::vector<MetadataEntry> entries;
  for (const auto& [key, value] : json.items()) entries.push_back({key, value.dump()});
  return entries;
}

}  // namespace xtrace::cli
