#include "cli/run_table.h"

#include <algorithm>
#include <array>
#include <span>

#include "cli/paint.h"

namespace xtrace::cli {

namespace {

constexpr std::uint64_t kEnoughToDraw = 10;
constexpr std::size_t kLabelColumn = 2;
constexpr std::size_t kKindColumn = 11;
constexpr std::size_t kFirstColumn = 16;
constexpr std::size_t kColumnWidth = 8;

struct RunColumn {
  std::string_view name;
  double percent;
};

constexpr std::array<RunColumn, 6> kColumns = {
    {{"min", 0}, {"p50", 50}, {"p90", 90}, {"p95", 95}, {"p99", 99}, {"max", 100}}};
constexpr std::array<RunColumn, 4> kFewColumns = {
    {{"p50", 50}, {"p95", 95}, {"p99", 99}, {"max", 100}}};
constexpr std::array<RunColumn, 2> kTwoColumns = {{{"p50", 50}, {"p99", 99}}};

std::span<const RunColumn> columns_for(int width) {
  if (width >= 78) return kColumns;
  if (width >= 62) return kFewColumns;
  return kTwoColumns;
}

struct TableRow {
  Metric metric;
  std::string_view label;
  Role role;
  bool is_always_shown;  ///< Where it happened; others only where they print as more than zero.
};

constexpr std::array<TableRow, 10> kRows = {{{Metric::queue, "queue", Role::dim, false},
                                             {Metric::dns_wait, "dns wait", Role::dns, false},
                                             {Metric::dns, "dns", Role::dns, true},
                                             {Metric::dial, "tcp", Role::tcp, true},
                                             {Metric::proxy, "proxy", Role::tcp, true},
                                             {Metric::tls, "tls", Role::tls, true},
                                             {Metric::request, "request", Role::request, false},
                                             {Metric::response, "wait", Role::wait, true},
                                             {Metric::body, "body", Role::body, false},
                                             {Metric::ttfb, "ttfb", Role::plain, true}}};
constexpr TableRow kTotal{Metric::total, "total", Role::strong, true};

std::string draw_head(std::span<const RunColumn> columns, const Style& style) {
  Line line(style);
  line.skip_to(kFirstColumn);
  for (const RunColumn& column : columns) line.add_right(column.name, kColumnWidth, Role::dim);
  return line.finish();
}

std::string draw_row(const TableRow& row, bool is_warm, const LatencyHistogram& histogram,
                     const Scale& scale, const Style& style, bool names_unit) {
  Line line(style);
  line.skip(kLabelColumn).add(row.label, row.role);
  line.skip_to(kKindColumn).add(is_warm ? "warm" : "cold", Role::dim).skip_to(kFirstColumn);
  for (const RunColumn& column : columns_for(style.width)) {
    const std::string number = scale.number(scale.round(histogram.percentile(column.percent)));
    line.skip(1).add_right(number, kColumnWidth - 1);
  }
  line.skip(2).add(names_unit ? scale.unit : std::string_view(), Role::dim);
  const std::size_t counts = kFirstColumn + columns_for(style.width).size() * kColumnWidth + 4;
  line.skip_to(counts).add_right(std::to_string(histogram.count()), kColumnWidth, Role::dim);
  return line.finish();
}

void add_rows(std::string& text, const TableRow& row, const LoadStats& stats, const Scale& scale,
              const Style& style) {
  for (const bool is_warm : {false, true}) {
    const LatencyHistogram& histogram = stats.of(row.metric, is_warm);
    if (histogram.count() == 0) continue;
    if (!row.is_always_shown && scale.round(histogram.percentile(99)) == 0) continue;
    text += draw_row(row, is_warm, histogram, scale, style, text.empty());
  }
}

/// 1, 2, 4 or 5 times a power of ten: the first that is not below `least`.
Duration round_step(Duration least) {
  for (Duration power{1};; power *= 10) {
    for (const int times : {1, 2, 4, 5}) {
      if (power * times >= least) return power * times;
    }
  }
}

/// One bar of the drawing.
struct Bin {
  Duration low{};
  std::uint64_t count = 0;
  bool is_rest = false;
};

/// Equal steps over what most requests took; beyond, only steps in which something lies, and the
/// last bar holds all the rest.
std::vector<Bin> make_bins(const LatencyHistogram& histogram, const Scale& scale) {
  constexpr int kSteps = 8;
  constexpr std::size_t kMostBins = 12;
  // Counted by the middles of buckets, of which the first may lie before the least value.
  const Duration low = histogram.next_from({});
  const Duration high = histogram.percentile(95);
  const Duration step = round_step(std::max((high - low) / kSteps, scale.quantum));
  std::vector<Bin> bins;
  std::uint64_t left = histogram.count();
  for (Duration at = low / step * step; left > 0; at += step) {
    if (at > high) at = std::max(at, histogram.next_from(at) / step * step);
    Bin bin{.low = at, .count = histogram.count_between(at, at + step), .is_rest = false};
    if (bins.size() + 1 == kMostBins && bin.count < left) {
      bin.count = left;
      bin.is_rest = true;
    }
    left -= bin.count;
    if (bin.count > 0) bins.push_back(bin);
  }
  return bins;
}

std::string draw_bin(const Bin& bin, std::uint64_t most, const Scale& scale, const Style& style,
                     std::string_view words) {
  constexpr std::size_t kEdge = 15;
  const std::size_t room =
      std::clamp(static_cast<std::size_t>(style.width), std::size_t{40}, std::size_t{80}) - 36;
  Line line(style);
  std::string label = scale.number(scale.round(bin.low));
  if (bin.is_rest) label.insert(0, ">= ");
  line.add_right(label, kEdge - 1).skip(1).add(style.utf8 ? "\u2502" : "|", Role::dim);
  // Whoever is there is seen, however few.
  const std::size_t cells =
      bin.count == 0 ? 0
                     : std::max<std::size_t>(1, static_cast<std::size_t>(bin.count * room / most));
  std::string bar;
  for (std::size_t i = 0; i < cells; ++i) bar += style.utf8 ? "\u2588" : "#";
  line.add(bar, Role::wait).skip(1);
  if (bin.count > 0) line.add(std::to_string(bin.count), Role::dim);
  if (!words.empty()) line.skip(2).skip_to(kEdge + room + 4).add(words, Role::dim);
  return line.finish();
}

}  // namespace

Scale make_run_scale(const LoadStats& stats, Style::Unit unit) {
  return make_scale(stats.of(Metric::total, stats.warm() > 0).percentile(50), unit);
}

std::string draw_run_table(const LoadStats& stats, const Scale& scale, const Style& style) {
  std::string rows;
  for (const TableRow& row : kRows) add_rows(rows, row, stats, scale, style);
  add_rows(rows, kTotal, stats, scale, style);
  return rows.empty() ? rows : draw_head(columns_for(style.width), style) + rows;
}

std::string draw_distribution(const LoadStats& stats, const Scale& scale, const Style& style) {
  const bool is_warm = stats.warm() > 0;
  const LatencyHistogram& histogram = stats.of(Metric::total, is_warm);
  if (histogram.count() < kEnoughToDraw) return {};
  const std::vector<Bin> bins = make_bins(histogram, scale);
  std::uint64_t most = 1;
  for (const Bin& bin : bins) most = std::max(most, bin.count);
  std::string text;
  for (const Bin& bin : bins) {
    std::string words;
    if (text.empty()) {
      words = std::string(is_warm ? "warm" : "cold").append(" total, ").append(scale.unit);
    }
    text += draw_bin(bin, most, scale, style, words);
  }
  return text;
}

std::string draw_slowest(const LoadStats& stats, const Scale& scale, const Style& style) {
  if (stats.answered() < kEnoughToDraw) return {};
  std::string text;
  for (const SlowRequest& slow : stats.slowest()) {
    Line line(style);
    line.skip(kLabelColumn).add(text.empty() ? "slowest" : "", Role::dim);
    line.skip_to(kKindColumn).add_right(scale.text(slow.total), 12);
    line.skip(2).add(std::to_string(slow.status), role_of_status(slow.status));
    line.skip(2).add(slow.is_warm ? "warm" : "cold", Role::dim);
    line.skip(2).add(slow.trace_id.text());
    line.skip(2).add("#" + std::to_string(slow.number), Role::dim);
    text += line.finish();
  }
  return text;
}

}  // namespace xtrace::cli
