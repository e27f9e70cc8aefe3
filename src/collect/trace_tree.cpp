#include "collect/trace_tree.h"

#include "collect/node_join.h"
#include "collect/node_reader.h"
#include "collect/trace_analysis.h"

namespace xtrace::collect {

namespace {

TraceTree finish(NodeReader& reader, TraceTree tree) {
  tree.left_out = reader.left_out();
  NodeJoin(reader.take()).join_into(tree);
  analyse(tree);
  return tree;
}

}  // namespace

TraceTree build_tree(const StoredTrace& trace) {
  TraceTree tree;
  NodeReader reader(tree.decoded);
  for (const StoredDocument& document : trace.documents()) reader.read(document.text());
  return finish(reader, std::move(tree));
}

TraceTree build_tree(std::span<const std::string_view> documents) {
  TraceTree tree;
  NodeReader reader(tree.decoded);
  for (const std::string_view document : documents) reader.read(document);
  return finish(reader, std::move(tree));
}

}  // namespace xtrace::collect
