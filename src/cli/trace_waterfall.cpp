#include "cli/trace_waterfall.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/bar.h"
#include "cli/paint.h"
#include "cli/text.h"
#include "cli/trace_hints.h"
#include "cli/trace_lines.h"
#include "cli/trace_words.h"
#include "cli/units.h"

namespace xtrace::cli {

namespace {

using collect::TraceNode;
using collect::TraceTree;

constexpr std::size_t kNarrowTree = 60;
constexpr std::size_t kWideTree = 110;
constexpr std::size_t kMostTreeCells = 72;
constexpr std::size_t kTreeStep = 2;  // of the indent, for each level
constexpr std::size_t kTreeMargin = 2;

/// A sign that needs an explanation.
enum class TreeSign : std::uint8_t {
  critical,
  fault,
  error,
  throttle,
  open,
  inferred,
  waiting,
  skew
};

struct TreeSignLook {
  std::string_view plain;
  std::string_view utf8;
  std::string_view meaning;
};

// In the order of TreeSign.
constexpr auto kTreeSigns = std::to_array<TreeSignLook>({{">", "\u25b8", "critical path"},
                                                         {"F", "F", "fault"},
                                                         {"E", "E", "error"},
                                                         {"T", "T", "throttled"},
                                                         {"~", "\u2591", "in progress"},
                                                         {"=", "\u2592", "no segment of its own"},
                                                         {"?", "?", "waits for its parent"},
                                                         {"!", "!", "clocks differ"}});

std::string_view sign_glyph(TreeSign sign, const Style& style) {
  const TreeSignLook& look = kTreeSigns[static_cast<std::size_t>(sign)];
  return style.utf8 ? look.utf8 : look.plain;
}

/// The hues of the phases that our own client records, as `xtrace get` draws them.
Role role_of_phase(std::string_view name) {
  constexpr auto kPhases =
      std::to_array<std::pair<std::string_view, Role>>({{"dns", Role::dns},
                                                        {"dial", Role::tcp},
                                                        {"connect", Role::tcp},
                                                        {"tls", Role::tls},
                                                        {"response", Role::wait},
                                                        {"body", Role::body}});
  for (const auto& [phase, role] : kPhases) {
    if (name == phase) return role;
  }
  return Role::plain;
}

Role role_of_node(const TraceNode& node) {
  if (node.flags != Flags{}) return role_of_flags(node.flags);
  if (node.is_segment) return Role::label;
  return node.space.empty() || node.space == "local" ? role_of_phase(node.name) : Role::value;
}

class Waterfall {
 public:
  Waterfall(const TraceTree& tree, const Style& style)
      : tree_(tree),
        style_(style),
        width_(static_cast<std::size_t>(std::max(style.width, 40))),
        total_(duration_of_seconds(tree.end - tree.start)),
        scale_(make_scale(total_, style.unit)),
        bars_{std::max<Quanta>(scale_.round(total_), 1), 1} {}

  std::string draw() {
    if (tree_.nodes.empty()) return {};
    lay_out();
    std::string text;
    bool is_waiting = false;
    for (const TraceNode& node : tree_.nodes) {
      if (node.is_waiting && !std::exchange(is_waiting, true)) {
        text += Line(style_).skip(kTreeMargin).add("waiting for a parent", Role::dim).finish();
      }
      text += draw_row(node) + draw_exceptions(node);
    }
    if (total_ > Duration::zero()) text += draw_axis(bars_begin_, bars_, total_, style_);
    return text + draw_key();
  }

 private:
  void lay_out() {
    std::size_t longest = 0;
    std::size_t critical = 0;
    for (const TraceNode& node : tree_.nodes) {
      if (is_critical(node)) ++critical;
      longest = std::max(longest, node.depth * kTreeStep + display_width(name_of(node)));
      marks_ = std::max(marks_, marks_of(node).size());
      duration_ = std::max(duration_, display_width(duration_text(node)));
      has_status_ = has_status_ || node.http.status != 0;
    }
    // A node alone is no path.
    has_path_ = critical > 1;
    const std::size_t share = width_ < kNarrowTree ? 35 : 42;
    label_ = std::clamp<std::size_t>(longest, 7, width_ * share / 100);
    bars_begin_ = kTreeMargin + label_ + 2 + (has_status_ ? 4 : 0) + (marks_ > 0 ? marks_ + 1 : 0);
    const std::size_t remark = width_ < kWideTree ? 0 : longest_remark();
    remark_ = std::min(remark, width_ / 4);
    const std::size_t used = bars_begin_ + 2 + duration_ + (remark_ > 0 ? remark_ + 2 : 0);
    bars_.cells = std::clamp<std::size_t>(width_ > used ? width_ - used : 0, 4, kMostTreeCells);
  }

  std::size_t longest_remark() const {
    std::size_t longest = 0;
    for (const TraceNode& node : tree_.nodes) {
      longest = std::max(longest, display_width(remark_of(node)));
    }
    return longest;
  }

  std::string name_of(const TraceNode& node) const {
    return node.name.empty() ? "(no name)" : escape_for_terminal(node.name, style_);
  }

  /// Where there is room for it, what the node asked for or was asked.
  std::string remark_of(const TraceNode& node) const {
    if (node.http.url.empty()) return {};
    const std::string url = node.is_segment ? shown_path(node.http.url) : shown_url(node.http.url);
    std::string text(node.http.method);
    if (!text.empty()) text += ' ';
    return escape_for_terminal(text + url, style_);
  }

  static std::string marks_of(const TraceNode& node) {
    std::string marks;
    if (const char letter = letter_of(node.flags); letter != ' ') marks += letter;
    if (node.is_in_progress) marks += '~';
    if (node.is_waiting) marks += '?';
    if (node.skew != 0) marks += '!';
    return marks;
  }

  std::string duration_text(const TraceNode& node) const {
    if (node.start == 0) return "-";
    if (!node.end) return (style_.utf8 ? "\u2265" : ">=") + scale_.text(length_of(node));
    return scale_.text(length_of(node));
  }

  Duration length_of(const TraceNode& node) const {
    return duration_of_seconds(node.end.value_or(tree_.end) - node.start);
  }

  /// Deep ones keep room for the beginning of their names.
  std::size_t indent_of(const TraceNode& node) const {
    const std::size_t kept = std::min<std::size_t>(display_width(name_of(node)), 10);
    return std::min(node.depth * kTreeStep, label_ > kept ? label_ - kept : 0);
  }

  /// One percent of the whole and more: what is shorter leads nobody anywhere.
  bool is_critical(const TraceNode& node) const {
    double length = 0;
    for (const collect::TimeRange& range : node.critical) length += range.to - range.from;
    return length > 0 && length * 100 >= tree_.end - tree_.start;
  }

  std::string draw_row(const TraceNode& node) {
    Line line(style_);
    if (has_path_ && is_critical(node)) line.add(use(TreeSign::critical), Role::strong);
    const std::size_t indent = indent_of(node);
    const bool is_marked = node.flags != Flags{};
    const Role plain = node.is_segment ? Role::strong : Role::plain;
    line.skip_to(kTreeMargin + indent);
    line.add(cut_to_width(name_of(node), label_ - indent, style_),
             is_marked ? role_of_flags(node.flags) : plain);
    line.skip_to(kTreeMargin + label_ + 2);
    draw_status(line, node);
    line.skip_to(bars_begin_);
    draw_bar_of(line, node);
    line.skip_to(bars_begin_ + bars_.cells + 2);
    const std::string duration = duration_text(node);
    line.add_right(duration, duration_);
    if (remark_ > 0) line.skip(2).add(cut_to_width(remark_of(node), remark_, style_), Role::dim);
    return line.finish();
  }

  void draw_status(Line& line, const TraceNode& node) {
    const std::size_t begin = line.column();
    const int status = node.http.status;
    if (status != 0) line.add(std::to_string(status), role_of_status(status));
    if (has_status_) line.skip_to(begin + 4);
    const char letter = letter_of(node.flags);
    if (letter == 'F') use(TreeSign::fault);
    if (letter == 'T') use(TreeSign::throttle);
    if (letter == 'E') use(TreeSign::error);
    if (node.is_waiting) use(TreeSign::waiting);
    if (node.skew != 0) use(TreeSign::skew);
    line.add(marks_of(node), letter == ' ' ? Role::strong : role_of_flags(node.flags));
  }

  void draw_bar_of(Line& line, const TraceNode& node) {
    if (node.start == 0) return;
    Row row;
    row.role = role_of_node(node);
    row.begin = scale_.round(duration_of_seconds(node.start - tree_.start));
    row.length = std::max<Quanta>(scale_.round(length_of(node)), 0);
    row.is_fault = node.flags.fault && !node.exceptions.empty();
    if (node.is_in_progress || !node.end) return draw_glyphs(line, row, use(TreeSign::open), ">");
    if (node.is_inferred) return draw_glyphs(line, row, use(TreeSign::inferred), "");
    draw_bar(line, row, bars_, style_);
  }

  /// A bar of one sign; however short, a cell of it is drawn.
  void draw_glyphs(Line& line, const Row& row, std::string_view glyph,
                   std::string_view ending) const {
    const std::size_t first = std::min(bars_.border(row.begin), bars_.cells - 1);
    const std::size_t end = std::max(bars_.border(row.begin + row.length), first + 1);
    const std::string_view last = row.is_fault ? "X" : ending;
    std::string text;
    for (std::size_t i = first; i + (last.empty() ? 0 : 1) < end; ++i) text += glyph;
    line.skip(first).add(text, row.role);
    line.add(last, row.is_fault ? Role::fault : row.role);
  }

  std::string draw_exceptions(const TraceNode& node) const {
    std::string text;
    const std::size_t indent = kTreeMargin + indent_of(node) + kTreeStep;
    for (const collect::NodeException& exception : node.exceptions) {
      std::string sentence(exception.type);
      if (!sentence.empty() && !exception.message.empty()) sentence += ": ";
      sentence += exception.message;
      if (sentence.empty()) continue;
      if (exception.is_remote) sentence += " (told by the callee)";
      const std::string shown = "! " + escape_for_terminal(sentence, style_);
      Line line(style_);
      line.skip(indent).add(cut_to_width(shown, width_ - indent, style_), Role::fault);
      text += line.finish();
    }
    return text;
  }

  std::string_view use(TreeSign sign) {
    used_[static_cast<std::size_t>(sign)] = true;
    return sign_glyph(sign, style_);
  }

  std::string draw_key() const {
    Flow flow(style_, kTreeMargin);
    std::string indent(kTreeMargin, ' ');
    for (std::size_t i = 0; i < kTreeSigns.size(); ++i) {
      if (!used_[i]) continue;
      std::string piece = std::exchange(indent, "") + std::string(sign_glyph(TreeSign(i), style_));
      flow.piece(piece.append(" ").append(kTreeSigns[i].meaning), Role::dim, 3);
    }
    return flow.finish();
  }

  const TraceTree& tree_;
  const Style& style_;
  std::size_t width_;
  Duration total_;
  Scale scale_;
  BarScale bars_;
  std::size_t label_ = 0;
  std::size_t marks_ = 0;
  std::size_t duration_ = 0;
  std::size_t remark_ = 0;  // 0: not shown
  std::size_t bars_begin_ = 0;
  bool has_status_ = false;
  bool has_path_ = false;
  std::array<bool, kTreeSigns.size()> used_{};
};

/// Which trace, when, what came of it.
std::string draw_trace_heading(const TraceView& view, const Style& style) {
  const collect::TraceDigest digest = with_first_call(view.digest, view.tree);
  const Duration total = duration_of_seconds(digest.duration);
  Flow flow(style, kTreeMargin);
  flow.piece(view.trace.id().text(), Role::strong);
  if (!digest.url.empty()) {
    const std::string asked = digest.method + (digest.method.empty() ? "" : " ");
    flow.piece(escape_for_terminal(asked + shown_url(digest.url), style));
  }
  const char letter = letter_of(digest.flags);
  std::string verdict = digest.status == 0 ? "" : std::to_string(digest.status);
  if (letter != ' ') verdict.append(verdict.empty() ? "" : " ") += letter;
  flow.piece(verdict, role_of_flags(digest.flags));
  flow.piece(make_scale(total, style.unit).text(total), Role::strong);
  flow.piece(
      format_utc(WallTime(duration_cast<WallTime::duration>(duration_of_seconds(digest.start)))),
      Role::dim);
  flow.end_line();
  flow.piece(counted(digest.services.size(), "service") + ", " +
                 counted(digest.segments, "segment") + ", " +
                 counted(digest.subsegments, "subsegment"),
             Role::dim);
  if (digest.is_in_progress) flow.piece("in progress", Role::strong);
  if (digest.waiting > 0) {
    flow.piece(std::to_string(digest.waiting) + " waiting for a parent", Role::strong);
  }
  return flow.finish();
}

}  // namespace

std::string draw_waterfall(const TraceTree& tree, const Style& style) {
  return Waterfall(tree, style).draw();
}

std::string draw_trace(const TraceView& view, const Style& style) {
  return draw_trace_heading(view, style) + "\n" + draw_waterfall(view.tree, style) +
         draw_trace_hints(view, style);
}

}  // namespace xtrace::cli
