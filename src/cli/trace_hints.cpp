#include "cli/trace_hints.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "cli/paint.h"
#include "cli/text.h"
#include "cli/trace_waterfall.h"
#include "cli/trace_words.h"
#include "cli/units.h"
#include "collect/document_facts.h"

namespace xtrace::cli {

namespace {

using collect::TraceNode;
using collect::TraceTree;

constexpr std::size_t kMostHints = 3;  // of a kind
constexpr double kWorthTelling = 0.1;  // of the whole
constexpr double kLeastGap = 0.001;    // seconds

/// `"orders"`, cut where it is long.
std::string quoted_name(std::string_view name) {
  constexpr std::size_t kLongest = 60;
  return "\"" + std::string(utf8_prefix(name, kLongest)) + "\"";
}

std::string parent_wait(const TraceNode& node) {
  return quoted_name(node.name) + " waits for its parent " + node.parent_id.to_string();
}

/// The longest time in a node when none of its children ran.
struct Gap {
  double length = 0;
  const TraceNode* before = nullptr;  ///< What ended last before it, or none.
  const TraceNode* behind = nullptr;  ///< What began after it, or none.
};

std::vector<const TraceNode*> children_of(const TraceTree& tree, const TraceNode& parent) {
  const auto index = static_cast<std::uint32_t>(&parent - tree.nodes.data());
  std::vector<const TraceNode*> children;
  for (std::size_t i = index + 1; i < tree.nodes.size() && tree.nodes[i].depth > parent.depth;
       ++i) {
    if (tree.nodes[i].parent == index) children.push_back(&tree.nodes[i]);
  }
  return children;
}

/// `children` are in the order of their starts, and some.
Gap longest_gap(const TraceNode& node, const std::vector<const TraceNode*>& children) {
  Gap gap;
  double covered = node.start;
  const TraceNode* last = nullptr;
  const auto look = [&](double until, const TraceNode* next) {
    if (until - covered > gap.length) gap = {until - covered, last, next};
  };
  for (const TraceNode* child : children) {
    look(child->start, child);
    if (child->end.value_or(covered) < covered) continue;
    covered = child->end.value_or(covered);
    last = child;
  }
  look(*node.end, nullptr);
  return gap;
}

std::string place_of(const Gap& gap) {
  if (gap.before == nullptr) return "before " + quoted_name(gap.behind->name);
  if (gap.behind == nullptr) return "behind " + quoted_name(gap.before->name);
  if (gap.before->name == gap.behind->name) return "between two " + quoted_name(gap.before->name);
  return "between " + quoted_name(gap.before->name) + " and " + quoted_name(gap.behind->name);
}

class TraceHints {
 public:
  TraceHints(const TraceView& view, const Style& style)
      : view_(view),
        style_(style),
        whole_(view.tree.end - view.tree.start),
        scale_(make_scale(duration_of_seconds(whole_), style.unit)) {}

  std::string write() {
    tell_critical_path();
    tell_unexplained();
    tell_waiting();
    tell_open();
    tell_skew();
    tell_documents();
    return std::move(text_);
  }

 private:
  void say(std::string_view kind, std::string_view sentence) {
    text_ += draw_remark(kind, sentence, style_);
  }

  std::string time(double seconds) const { return scale_.text(duration_of_seconds(seconds)); }

  std::string share(double seconds) const {
    return std::to_string(std::lround(seconds / whole_ * 100)) + "%";
  }

  /// Where one node is all of it, there is no path to tell.
  void tell_critical_path() {
    std::vector<std::pair<double, const TraceNode*>> parts;
    for (const TraceNode& node : view_.tree.nodes) {
      double length = 0;
      for (const collect::TimeRange& range : node.critical) length += range.to - range.from;
      if (length > 0) parts.emplace_back(length, &node);
    }
    if (parts.size() < 2 || whole_ <= 0) return;
    std::ranges::stable_sort(parts, [](const auto& a, const auto& b) { return a.first > b.first; });
    std::string sentence = "the end waited for";
    for (std::size_t i = 0; i < std::min(parts.size(), kMostHints); ++i) {
      const auto& [length, node] = parts[i];
      sentence += (i == 0 ? " " : ", ") + quoted_name(node->name) + " " + time(length);
      sentence += " (" + share(length) + ")";
    }
    say("path", sentence);
  }

  /// A node without children needs no explanation: it is one.
  void tell_unexplained() {
    const TraceNode* most = nullptr;
    for (const TraceNode& node : view_.tree.nodes) {
      const std::size_t next = static_cast<std::size_t>(&node - view_.tree.nodes.data()) + 1;
      const bool has_children =
          next < view_.tree.nodes.size() && view_.tree.nodes[next].depth > node.depth;
      if (!has_children || !node.end) continue;
      if (most == nullptr || node.self > most->self) most = &node;
    }
    if (most == nullptr || most->self < std::max(kLeastGap, whole_ * kWorthTelling)) return;
    std::string sentence = time(most->self) + " of " + quoted_name(most->name) + " (" +
                           share(most->self) + " of the trace) are in none of its subsegments";
    const Gap gap = longest_gap(*most, children_of(view_.tree, *most));
    if (gap.length >= most->self / 2) {
      sentence += gap.length >= most->self * 0.99 ? ", " : ", " + time(gap.length) + " of them ";
      sentence += place_of(gap);
    }
    say("hint", sentence);
  }

  void tell_waiting() {
    std::size_t told = 0;
    for (const TraceNode& node : view_.tree.nodes) {
      if (!node.is_waiting || ++told > kMostHints) continue;
      say("wait", parent_wait(node) + ", which has not come");
    }
    if (told > kMostHints) say("wait", "and " + std::to_string(told - kMostHints) + " more wait");
  }

  void tell_open() {
    std::size_t told = 0;
    for (const TraceNode& node : view_.tree.nodes) {
      if (!node.is_in_progress || ++told > kMostHints) continue;
      say("wait", quoted_name(node.name) + " is in progress: its end has not come");
    }
    if (told > kMostHints) {
      say("wait", "and " + std::to_string(told - kMostHints) + " more are in progress");
    }
  }

  void tell_skew() {
    const auto skewed = std::ranges::max_element(view_.tree.nodes, {}, &TraceNode::skew);
    if (skewed == view_.tree.nodes.end() || skewed->skew <= 0) return;
    say("note", quoted_name(skewed->name) + " is " + time(skewed->skew) +
                    " outside its parent: the clocks of two hosts differ, nothing was moved");
  }

  void tell_documents() {
    if (const std::size_t more = view_.tree.left_out; more > 0) {
      say("note", counted(more, "node") + (more == 1 ? " is" : " are") +
                      " left out, for nobody could look at so many");
    }
    if (const std::size_t twice = view_.tree.duplicates; twice > 0) {
      say("note", counted(twice, "node") + " came twice and " + (twice == 1 ? "is" : "are") +
                      " drawn once");
    }
    std::size_t told = 0;
    for (const collect::StoredDocument& document : view_.trace.documents()) {
      if (!document.refusal || ++told > kMostHints) continue;
      say("note", "X-Ray would refuse a document: " + collect::fault_of(document.text()));
    }
    if (told > kMostHints) {
      say("note", "and " + std::to_string(told - kMostHints) + " more that X-Ray would refuse");
    }
  }

  const TraceView& view_;
  const Style& style_;
  double whole_;
  Scale scale_;
  std::string text_;
};

}  // namespace

std::string draw_trace_hints(const TraceView& view, const Style& style) {
  return TraceHints(view, style).write();
}

std::string what_is_missing(const TraceView& view) {
  bool has_root = false;
  for (const TraceNode& node : view.tree.nodes) {
    if (node.is_in_progress) return quoted_name(node.name) + " is in progress";
    if (node.is_waiting) return parent_wait(node);
    has_root = has_root || (node.is_segment && node.parent == TraceNode::kNone);
  }
  if (!has_root) return "its root segment has not come";
  for (const TraceNode& node : view.tree.nodes) {
    if (node.is_inferred && node.http.is_traced) {
      return "the call " + quoted_name(node.name) +
             " says that it is traced, and nothing of its callee came";
    }
  }
  return {};
}

}  // namespace xtrace::cli
