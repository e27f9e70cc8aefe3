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

/// What AWS's SDKs for Go, Node.js and Python sent for one segment with one call.
inline std::string sdk_document(std::string_view sdk) {
  if (sdk == "go") {
    return R"({"trace_id":"1-6b00ee2c-1c0371739e1204b5d7d42e2f","id":"d324b97ff4e05a43",)"
           R"("name":"bench-go","start_time":1795223084.4264364,"end_time":1795223084.4264758,)"
           R"("aws":{"xray":{"sdk_version":"2.0.3","sdk":"X-Ray for Go"}},)"
           R"("service":{"runtime_version":"go1.19.8","runtime":"gc"},)"
           R"("subsegments":[{"trace_id":"1-6b00ee2c-1c0371739e1204b5d7d42e2f",)"
           R"("id":"436fcb25a17dd7e1","name":"api.example.com","start_time":1795223084.426474,)"
           R"("end_time":1795223084.4264748,"parent_id":"d324b97ff4e05a43","namespace":"remote",)"
           R"("http":{"request":{"method":"GET","url":"https://api.example.com/v1/items/42"},)"
           R"("response":{"status":200,"content_length":1234}},"Dummy":false}],"Dummy":false})";
  }
  if (sdk == "node") {
    return R"({"trace_id":"1-6b00ee2f-49c785f06d89af1b10a148fd","id":"ae1c8808d3293d69",)"
           R"("start_time":1795223087.235,"name":"bench-node","service":{"runtime":"node",)"
           R"("runtime_version":"v20.20.2","version":"unknown","name":"unknown"},)"
           R"("aws":{"xray":{"sdk":"X-Ray for Node.js","sdk_version":"3.12.0",)"
           R"("package":"aws-xray-sdk-core"}},"subsegments":[{"id":"9a8ccd0ec1b4d31a",)"
           R"("name":"api.example.com","start_time":1795223087.235,"namespace":"remote",)"
           R"("http":{"request":{"method":"GET","url":"https://api.example.com/v1/items/42"},)"
           R"("response":{"status":200,"content_length":1234}},"end_time":1795223087.235}],)"
           R"("end_time":1795223087.235})";
  }
  return R"({"id": "c164bebb18147b82", "name": "bench-python", "start_time": 1795223089.4671562, )"
         R"("in_progress": false, "aws": {"xray": {"sdk": "X-Ray for Python", )"
         R"("sdk_version": "2.15.0"}}, "subsegments": [{"id": "c4ec91c7f6bc3312", )"
         R"("name": "api.example.com", "start_time": 1795223089.4672, )"
         R"("parent_id": "c164bebb18147b82", "in_progress": false, )"
         R"("http": {"request": {"method": "GET", "url": "https://api.example.com/v1/items/42"}, )"
         R"("response": {"status": 200, "content_length": 1234}}, )"
         R"("trace_id": "1-6b00ee31-f231155309427909357067d7", "type": "subsegment", )"
         R"("namespace": "remote", "end_time": 1795223089.4672205}], )"
         R"("trace_id": "1-6b00ee31-f231155309427909357067d7", "service": {"runtime": "CPython", )"
         R"("runtime_version": "3.11.2"}, "end_time": 1795223089.4672315})";
}

}  // namespace xtrace::collect::testing
