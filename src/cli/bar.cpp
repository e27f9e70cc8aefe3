#include "cli/bar.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

namespace xtrace::cli {

namespace {

constexpr std::array<std::string_view, 9> kEighths = {
    "", "\u258f", "\u258e", "\u258d", "\u258c", "\u258b", "\u258a", "\u2589", "\u2588"};
constexpr std::string_view kRightHalf = "\u2590";

/// One glyph for each cell, from cell `first` on.
struct Bar {
  std::size_t first = 0;
  std::vector<std::string_view> cells;
};

Bar plain_bar(const Row& row, const BarScale& scale, std::string_view glyph,
              std::string_view tick) {
  const std::size_t begin = scale.border(row.begin);
  const std::size_t end = scale.border(row.begin + row.length);
  if (end <= begin) return {std::min(begin, scale.cells - 1), {tick}};
  return {begin, std::vector<std::string_view>(end - begin, glyph)};
}

/// Eighth blocks grow from the left, so only the end of a bar is exact to an eighth; a begin inside
/// a cell takes the whole cell, its right half or nothing of it, whichever is nearest.
Bar smooth_bar(const Row& row, const BarScale& scale) {
  const std::size_t begin = scale.eighths(row.begin);
  const std::size_t end = scale.eighths(row.begin + row.length);
  const std::size_t length = end - begin;
  if (length < 8) {
    const std::size_t cell = std::min((begin + length / 2) / 8, scale.cells - 1);
    return {cell, {kEighths[std::max<std::size_t>(length, 1)]}};
  }
  Bar bar{begin / 8, {}};
  const std::size_t lead = begin % 8;
  if (lead >= 6) {
    ++bar.first;
  } else {
    bar.cells.push_back(lead >= 2 ? kRightHalf : kEighths[8]);
  }
  while ((bar.first + bar.cells.size() + 1) * 8 <= end) bar.cells.push_back(kEighths[8]);
  const std::size_t covered = (bar.first + bar.cells.size()) * 8;
  if (end > covered) bar.cells.push_back(kEighths[end - covered]);
  return bar;
}

Bar make_bar(const Row& row, const BarScale& scale, const Style& style) {
  switch (row.outcome) {
    case Outcome::timeout:
      return plain_bar(row, scale, "~", "~");
    case Outcome::abandoned:
      return style.utf8 ? plain_bar(row, scale, "\u2500", "\u2500")
                        : plain_bar(row, scale, "-", "-");
    default:
      return style.utf8 ? smooth_bar(row, scale) : plain_bar(row, scale, "#", "|");
  }
}

std::string_view ending_of(const Row& row) {
  if (row.is_fault) return "X";
  return row.outcome == Outcome::abandoned ? "x" : "";
}

/// 1, 2 or 5 times a power of ten; from a minute on, what clocks divide a minute and an hour by.
Duration next_step(Duration step) {
  constexpr std::array<int, 10> kSeconds = {10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600};
  for (const int seconds : kSeconds) {
    if (step >= std::chrono::seconds(10) && step < std::chrono::seconds(seconds)) {
      return std::chrono::seconds(seconds);
    }
  }
  if (step >= std::chrono::hours(1)) return step * 2;
  Duration power{1};
  while (power * 10 <= step) power *= 10;
  return step < power * 2 ? power * 2 : step < power * 5 ? power * 5 : power * 10;
}

struct AxisTick {
  std::size_t cell;
  std::string label;
};

std::string_view unit_of(Duration step) {
  if (step < std::chrono::milliseconds(1)) return "us";
  return step < std::chrono::seconds(1) ? "ms" : "s";
}

/// Seconds may follow milliseconds on an axis, as people say them; microseconds stay among
/// themselves.
Style::Unit tick_unit(Duration total, Style::Unit unit) {
  if (unit != Style::Unit::automatic || total >= std::chrono::seconds(1)) return unit;
  return total >= std::chrono::milliseconds(1) ? Style::Unit::milliseconds : unit;
}

std::vector<AxisTick> make_ticks(Duration step, const BarScale& scale, Duration total,
                                 Style::Unit unit) {
  std::vector<AxisTick> ticks;
  for (Duration at{}; at <= total; at += step) {
    const auto cell = static_cast<std::size_t>(static_cast<double>(at.count()) /
                                               static_cast<double>(total.count()) *
                                               static_cast<double>(scale.cells));
    std::string label = format_brief(at, unit);
    if (at == Duration{} && unit == Style::Unit::automatic)
      label = "0" + std::string(unit_of(step));
    ticks.push_back({cell, std::move(label)});
  }
  return ticks;
}

bool has_room(const std::vector<AxisTick>& ticks) {
  for (std::size_t i = 1; i < ticks.size(); ++i) {
    if (ticks[i - 1].cell + ticks[i - 1].label.size() + 2 > ticks[i].cell) return false;
  }
  return true;
}

}  // namespace

std::size_t BarScale::border(Quanta at) const {
  const auto wide = static_cast<Quanta>(cells);
  return static_cast<std::size_t>(std::clamp<Quanta>((at * wide + total / 2) / total, 0, wide));
}

std::size_t BarScale::eighths(Quanta at) const {
  const auto wide = static_cast<Quanta>(cells * 8);
  return static_cast<std::size_t>(std::clamp<Quanta>((at * wide + total / 2) / total, 0, wide));
}

void draw_bar(Line& line, const Row& row, const BarScale& scale, const Style& style) {
  Bar bar = make_bar(row, scale, style);
  for (const Quanta at : row.marks) {
    const std::size_t cell =
        std::min(static_cast<std::size_t>(at * static_cast<Quanta>(scale.cells) / scale.total),
                 scale.cells - 1);
    if (cell >= bar.first && cell < bar.first + bar.cells.size()) {
      bar.cells[cell - bar.first] = style.utf8 ? "\u2022" : "*";
    }
  }
  const std::string_view ending = ending_of(row);
  std::string text;
  for (std::size_t i = 0; i + (ending.empty() ? 0 : 1) < bar.cells.size(); ++i)
    text += bar.cells[i];
  line.skip(bar.first).add(text, row.role);
  line.add(ending, row.is_fault ? Role::fault : row.role);
}

std::string draw_axis(std::size_t indent, const BarScale& scale, Duration total,
                      const Style& style) {
  Duration step{std::chrono::microseconds(1)};
  while (total / step > 40) step = next_step(step);
  const Style::Unit unit = tick_unit(total, style.unit);
  std::vector<AxisTick> ticks = make_ticks(step, scale, total, unit);
  while (!has_room(ticks)) {
    step = next_step(step);
    ticks = make_ticks(step, scale, total, unit);
  }
  Line labels(style);
  std::string rule;
  const auto width = static_cast<std::size_t>(std::max(style.width, 40));
  for (const AxisTick& tick : ticks) {
    if (indent + tick.cell + tick.label.size() > width) break;
    labels.skip_to(indent + tick.cell).add(tick.label, Role::dim);
  }
  if (!style.utf8) return labels.finish();
  for (std::size_t cell = 0; cell <= scale.cells; ++cell) {
    const bool is_tick = std::any_of(ticks.begin(), ticks.end(),
                                     [cell](const AxisTick& tick) { return tick.cell == cell; });
    rule += cell == 0 ? "\u2514" : is_tick ? "\u2534" : "\u2500";
  }
  return Line(style).skip(indent).add(rule, Role::dim).finish() + labels.finish();
}

}  // namespace xtrace::cli
