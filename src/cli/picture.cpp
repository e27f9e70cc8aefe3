#include "cli/picture.h"

#include <algorithm>

#include "cli/bar.h"
#include "cli/text.h"

namespace xtrace::cli {

namespace {

constexpr std::size_t kNarrow = 60;
constexpr std::size_t kFewestCells = 24;
constexpr std::size_t kMostCells = 72;

struct Layout {
  std::size_t label = 0;
  std::size_t offset = 0;  ///< 0: not shown.
  std::size_t cells = 0;
  std::size_t duration = 0;
  std::size_t remark = 0;  ///< 0: not shown.

  std::size_t bars_begin() const { return 2 + label + 2 + (offset > 0 ? offset + 2 : 0); }
};

/// `<- 65%` for the one row that has more than half of the total.
std::string share(const Row& row, Quanta total, const Style& style) {
  const bool is_loss = row.is_fault || row.outcome == Outcome::abandoned;
  if (is_loss || row.is_scattered || row.length * 2 <= total) return {};
  const Quanta percent = (row.length * 100 + total / 2) / total;
  return (style.utf8 ? "\u2190 " : "<- ") + std::to_string(percent) + "%";
}

std::string join(std::string_view first, std::string_view second) {
  std::string joined(first);
  if (!first.empty() && !second.empty()) joined += "  ";
  return joined.append(second);
}

/// What stands behind the duration, in at most `room` columns: fewer words first, then a shorter
/// address.
std::string remark(const Row& row, Quanta total, std::size_t room, const Style& style) {
  const std::string brief_share = share(row, total, style);
  const std::string full_share = brief_share.empty() ? "" : brief_share + " of the total";
  for (const std::string& text : {join(join(full_share, row.subject), row.words),
                                  join(join(full_share, row.subject), row.brief_words),
                                  join(join(brief_share, row.subject), row.brief_words)}) {
    if (display_width(text) <= room) return text;
  }
  if (!full_share.empty()) return cut_to_width(full_share, room, style);
  const std::size_t words = display_width(row.brief_words) + 2;
  if (row.subject.empty() || words + 8 > room) return cut_to_width(row.brief_words, room, style);
  return join(cut_to_width(row.subject, room - words, style), row.brief_words);
}

std::size_t longest_remark(const std::vector<Row>& rows, Quanta total, std::size_t room,
                           const Style& style) {
  std::size_t longest = 0;
  for (const Row& row : rows) {
    longest = std::max(longest, display_width(remark(row, total, room, style)));
  }
  return longest;
}

Layout make_layout(const std::vector<Row>& rows, const Scale& scale, Quanta total,
                   const Style& style) {
  const auto width = static_cast<std::size_t>(std::max(style.width, 40));
  Layout layout;
  layout.label = 7;
  Quanta last_offset = 0;
  for (const Row& row : rows) {
    layout.label = std::max(layout.label, row.label.size());
    layout.duration = std::max(layout.duration, scale.text(row.length).size());
    last_offset = std::max(last_offset, row.begin);
  }
  if (width >= kNarrow) {
    layout.offset = std::max<std::size_t>(5, scale.number(last_offset).size());
  }

  const std::size_t fixed = layout.bars_begin() + 2 + layout.duration;
  const std::size_t spare = width > fixed ? width - fixed : 0;
  if (width >= kNarrow && spare > kFewestCells + 10) {
    layout.remark = longest_remark(rows, total, spare - kFewestCells - 2, style);
  }
  layout.cells = spare - (layout.remark > 0 ? layout.remark + 2 : 0);
  layout.cells = std::clamp<std::size_t>(layout.cells, 4, kMostCells);
  return layout;
}

/// How all rows of a picture are drawn.
struct Frame {
  Scale scale;
  Quanta total = 0;
  Layout layout;
};

std::string draw_row(const Row& row, const Frame& frame, const Style& style) {
  const Layout& layout = frame.layout;
  const BarScale bars{frame.total, layout.cells};
  Line line(style);
  line.skip(2).add(row.label, row.role == Role::request ? Role::plain : row.role);
  line.skip_to(2 + layout.label + 2);
  if (layout.offset > 0 && !row.is_scattered) {
    line.add_right(frame.scale.number(row.begin), layout.offset, Role::dim);
  }
  line.skip_to(layout.bars_begin());
  if (!row.is_scattered) draw_bar(line, row, bars, style);
  line.skip_to(layout.bars_begin() + layout.cells + 2);
  line.add_right(frame.scale.text(row.length), layout.duration);
  if (layout.remark > 0) {
    const std::string text = remark(row, frame.total, layout.remark, style);
    line.skip(2).add(text, row.is_fault ? Role::fault : Role::dim);
  }
  return line.finish();
}

}  // namespace

std::string draw_picture(const std::vector<Row>& rows, const Breakdown& breakdown,
                         const Style& style) {
  const Picture picture = draw_groups(std::span(&rows, 1), breakdown.scale, breakdown.total, style);
  return picture.groups.front() + picture.axis;
}

Picture draw_groups(std::span<const std::vector<Row>> groups, const Scale& scale, Quanta total,
                    const Style& style) {
  Picture picture{.groups = std::vector<std::string>(groups.size()), .axis = {}};
  std::vector<Row> all;
  for (const std::vector<Row>& rows : groups) all.insert(all.end(), rows.begin(), rows.end());
  if (all.empty() || total <= 0) return picture;
  const Frame frame{scale, total, make_layout(all, scale, total, style)};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    for (const Row& row : groups[i]) picture.groups[i] += draw_row(row, frame, style);
  }
  picture.axis = draw_axis(frame.layout.bars_begin(), {total, frame.layout.cells},
                           scale.quantum * total, style);
  return picture;
}

}  // namespace xtrace::cli
