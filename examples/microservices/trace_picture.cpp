#include "microservices/trace_picture.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "cli/bar.h"
#include "cli/paint.h"
#include "cli/text.h"
#include "cli/units.h"

namespace xtrace::examples {

namespace {

constexpr std::size_t kIndent = 2;
constexpr std::size_t kNames = 28;   // columns of the names
constexpr std::size_t kStatus = 4;   // of what came of it
constexpr std::size_t kTimes = 9;    // of the time it took
constexpr std::size_t kCauses = 17;  // of why it failed, where anything did

struct Extent {
  double begin = std::numeric_limits<double>::max();
  double end = 0;
  bool has_cause = false;
};

struct Canvas {
  const cli::Style& style;
  double origin;
  cli::Scale scale;
  cli::BarScale bars;
};

void widen(Extent& extent, const std::vector<TraceNode>& nodes) {
  for (const TraceNode& node : nodes) {
    extent.begin = std::min(extent.begin, node.start);
    extent.end = std::max(extent.end, node.end);
    extent.has_cause = extent.has_cause || !node.cause.empty();
    widen(extent, node.children);
  }
}

Duration to_duration(double seconds) {
  return std::chrono::round<Duration>(std::chrono::duration<double>(seconds));
}

cli::Role role_of(const TraceNode& node) {
  if (node.is_fault) return cli::Role::fault;
  if (node.is_error) return cli::Role::error;
  if (node.is_segment) return cli::Role::strong;
  return node.is_remote ? cli::Role::plain : cli::Role::dim;
}

cli::Row row_of(const TraceNode& node, const Canvas& canvas) {
  cli::Row row;
  row.role = role_of(node) == cli::Role::strong ? cli::Role::good : role_of(node);
  row.is_fault = node.is_fault && !node.cause.empty();
  row.begin = canvas.scale.round(to_duration(node.start - canvas.origin));
  row.length = canvas.scale.round(to_duration(node.end - canvas.origin)) - row.begin;
  return row;
}

void draw(std::string& text, const TraceNode& node, std::size_t depth, const Canvas& canvas) {
  const std::size_t indent = kIndent * (depth + 1);
  cli::Line line(canvas.style);
  const std::string name = cli::escape_for_terminal(node.name, canvas.style);
  const std::size_t room = kNames > indent + 1 ? kNames - indent - 1 : 1;
  line.skip(indent).add(cli::cut_to_width(name, room, canvas.style), role_of(node));
  line.skip_to(kNames);
  if (node.status != 0) line.add(std::to_string(node.status), role_of(node));
  line.skip_to(kNames + kStatus);
  cli::draw_bar(line, row_of(node, canvas), canvas.bars, canvas.style);
  line.skip_to(kNames + kStatus + canvas.bars.cells);
  line.add_right(canvas.scale.text(to_duration(node.end - node.start)), kTimes);
  if (!node.cause.empty()) line.add(" " + cli::escape_for_terminal(node.cause, canvas.style));
  text += line.finish();
  for (const TraceNode& child : node.children) draw(text, child, depth + 1, canvas);
}

}  // namespace

std::string draw_trace(const TraceTree& tree, const cli::Style& style) {
  Extent extent;
  widen(extent, tree.roots);
  if (extent.end <= extent.begin) return {};
  const Duration total = to_duration(extent.end - extent.begin);
  const cli::Scale scale = cli::make_scale(total, style.unit);
  const auto width = static_cast<std::size_t>(std::max(style.width, 70));
  const std::size_t cells = width - kNames - kStatus - kTimes - (extent.has_cause ? kCauses : 0);
  const cli::BarScale bars = {.total = std::max<cli::Quanta>(scale.round(total), 1),
                              .cells = cells};
  const Canvas canvas = {style, extent.begin, scale, bars};
  std::string text;
  for (const TraceNode& root : tree.roots) draw(text, root, 0, canvas);
  return text + cli::draw_axis(kNames + kStatus, bars, total, style);
}

}  // namespace xtrace::examples
