#include "microservices/trace_tree.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

namespace xtrace::examples {

namespace {

using Json = nlohmann::json;

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const Json& part_of(const Json& object, const char* key) {
  static const Json kNothing = Json::object();
  const auto found = object.find(key);
  return found == object.end() ? kNothing : *found;
}

std::string cause_of(const Json& object) {
  const Json& exceptions = part_of(part_of(object, "cause"), "exceptions");
  return exceptions.empty() ? std::string() : text_of(exceptions.front(), "type");
}

void sort_by_start(std::vector<TraceNode>& nodes) {
  std::ranges::stable_sort(nodes, {}, &TraceNode::start);
}

TraceNode node_of(const Json& object) {
  TraceNode node;
  node.id = text_of(object, "id");
  node.name = text_of(object, "name");
  node.is_segment = object.contains("trace_id") && text_of(object, "type") != "subsegment";
  node.is_remote = text_of(object, "namespace") == "remote";
  node.is_fault = object.value("fault", false);
  node.is_error = object.value("error", false);
  node.status = part_of(part_of(object, "http"), "response").value("status", 0);
  node.cause = cause_of(object);
  node.remote_url = text_of(part_of(object, "annotations"), "remote_url");
  node.parent_id = text_of(object, "parent_id");
  node.start = object.value("start_time", 0.0);
  node.end = object.value("end_time", node.start);
  for (const Json& child : part_of(object, "subsegments")) node.children.push_back(node_of(child));
  sort_by_start(node.children);
  return node;
}

TraceNode* find_node(std::vector<TraceNode>& nodes, std::string_view id) {
  for (TraceNode& node : nodes) {
    if (node.id == id) return &node;
    if (TraceNode* below = find_node(node.children, id)) return below;
  }
  return nullptr;
}

/// Hangs one root below the node that it names, if that is somewhere else. False where none can be.
bool join_one(std::vector<TraceNode>& roots) {
  for (std::size_t i = 0; i < roots.size(); ++i) {
    if (roots[i].parent_id.empty()) continue;
    TraceNode child = std::move(roots[i]);
    roots.erase(roots.begin() + static_cast<std::ptrdiff_t>(i));
    if (TraceNode* parent = find_node(roots, child.parent_id)) {
      parent->children.push_back(std::move(child));
      sort_by_start(parent->children);
      return true;
    }
    roots.insert(roots.begin() + static_cast<std::ptrdiff_t>(i), std::move(child));
  }
  return false;
}

}  // namespace

std::optional<TraceDocument> parse_datagram(std::string_view datagram) {
  const std::size_t line_end = datagram.find('\n');
  if (line_end == std::string_view::npos) return std::nullopt;
  const Json document = Json::parse(datagram.substr(line_end + 1), nullptr, false);
  if (!document.is_object()) return std::nullopt;
  try {
    return TraceDocument{.trace_id = text_of(document, "trace_id"), .node = node_of(document)};
  } catch (const Json::exception&) {
    return std::nullopt;  // some field has another type than it should have
  }
}

TraceTree make_tree(const std::vector<TraceDocument>& documents, std::string_view trace_id) {
  TraceTree tree;
  for (const TraceDocument& document : documents) {
    if (document.trace_id == trace_id) tree.roots.push_back(document.node);
  }
  while (join_one(tree.roots)) {
  }
  sort_by_start(tree.roots);
  return tree;
}

const TraceNode* find_child(const TraceNode& node, std::string_view name) {
  const auto found = std::ranges::find(node.children, name, &TraceNode::name);
  return found == node.children.end() ? nullptr : &*found;
}

}  // namespace xtrace::examples
