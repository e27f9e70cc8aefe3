#pragma once

/// Traces written down in few words, and trees read in few: for tests of what is derived from
/// documents. Times are seconds after `kEpoch`, ids their last digits.

#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collect/trace_tree.h"

namespace xtrace::collect::testing {

inline constexpr double kEpoch = 1'700'000'000;
inline constexpr double kOpen = -1;  ///< The end of what has none.

inline std::string id_of(std::string_view digits) {
  return std::string(16 - digits.size(), '0') + std::string(digits);
}

inline std::string number_text(double value, const char* format) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

/// A segment or subsegment with these members and `more`, which is JSON.
inline std::string node(std::string_view id, std::string_view name, double from, double to,
                        const std::string& more = {}) {
  std::string text = "{\"id\":\"" + id_of(id) + "\",\"name\":\"" + std::string(name) + "\"";
  text += ",\"start_time\":" + number_text(kEpoch + from, "%.6f");
  text +=
      to == kOpen ? ",\"in_progress\":true" : ",\"end_time\":" + number_text(kEpoch + to, "%.6f");
  return text + (more.empty() ? "}" : "," + more + "}");
}

inline std::string below(std::string_view id) {
  return "\"parent_id\":\"" + id_of(id) + "\"";
}

/// Of a subsegment that is a document.
inline std::string alone_below(std::string_view id) {
  return "\"type\":\"subsegment\"," + below(id);
}

inline std::string nested(const std::vector<std::string>& nodes) {
  std::string text = "\"subsegments\":[";
  for (const std::string& one : nodes) text += (text.back() == '[' ? "" : ",") + one;
  return text + "]";
}

/// A tree and what it looks at.
struct OwningTree : TraceTree {
  std::vector<std::string> documents;
};

inline OwningTree tree_of(std::vector<std::string> documents) {
  const std::vector<std::string_view> views(documents.begin(), documents.end());
  return {{build_tree(views)}, std::move(documents)};
}

/// A line for each node: two spaces for each parent above it, the name, and what is to be told.
template <typename Tell>
std::string lines(const TraceTree& tree, Tell&& tell) {
  std::string text = "\n";
  for (const TraceNode& one : tree.nodes) {
    text += std::string(2 * std::size_t{one.depth}, ' ') + std::string(one.name) + tell(one) + "\n";
  }
  return text;
}

/// `*` in progress, `?` waiting, `#` a segment.
inline std::string shape(const TraceTree& tree) {
  return lines(tree, [](const TraceNode& one) {
    return std::string(one.is_segment ? "#" : "") + (one.is_in_progress ? "*" : "") +
           (one.is_waiting ? "?" : "");
  });
}

}  // namespace xtrace::collect::testing
