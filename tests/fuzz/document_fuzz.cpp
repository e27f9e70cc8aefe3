#include <nlohmann/json.hpp>

#include "fuzz/target.h"
#include "xray/driven_segment.h"

namespace {

using nlohmann::json;
using xtrace::DocumentSet;
using xtrace::testing::Expectation;
using xtrace::testing::require;

/// A cut is allowed to change a text, and only where the set says that something was cut.
void check(const std::vector<json>& documents, const DocumentSet& set, const Expectation& wanted) {
  if (wanted.value.is_null() || set.counts.truncated > 0 || set.counts.refused > 0) return;
  for (const json& document : documents) {
    if (const json* node = xtrace::testing::find_node(document, wanted.id)) {
      return require(node->contains(wanted.path) && node->at(wanted.path) == wanted.value);
    }
  }
  require(false);
}

void check_set(const xtrace::testing::DrivenSegment& driven, const xtrace::DocumentLimits& limits) {
  const DocumentSet set = driven.segment.documents(limits);
  std::vector<json> documents;
  for (const std::string& text : set.documents) {
    require(text.size() <= limits.bytes && text.find('\n') == std::string::npos);
    documents.push_back(json::parse(text, nullptr, false));
    require(documents.back().is_object());
  }
  require(documents.size() + set.counts.refused == set.counts.split + 1);
  require(set.refusals.size() == set.counts.refused);
  for (const Expectation& wanted : driven.expectations) check(documents, set, wanted);
}

}  // namespace

/// Whatever is recorded reads back in another parser as the same values, whole and divided.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto driven = xtrace::testing::drive_segment({data, size});
  check_set(driven, {});
  check_set(driven, {.bytes = 2048, .max_subsegments = 3});
  return 0;
}
