#include "cli/columns.h"

#include <algorithm>
#include <vector>

#include "cli/paint.h"

namespace xtrace::cli {

namespace {

/// The same labels three times, for ever narrower screens.
constexpr std::array<std::array<std::string_view, kPartCount>, 3> kLabels = {{
    {"DNS Lookup", "TCP Connect", "Proxy Tunnel", "TLS Handshake", "Request Write", "Server Wait",
     "Content Transfer", "Rest"},
    {"DNS Lookup", "TCP Connect", "Proxy", "TLS Handshake", "Request", "Wait", "Transfer", "Rest"},
    {"DNS", "TCP", "Proxy", "TLS", "Request", "Wait", "Body", "Rest"},
}};

struct Column {
  std::string_view label;
  std::string value;

  /// A value is never wider than its column less one blank, so that it does not touch the bar.
  std::size_t width() const { return std::max(label.size(), value.size() + 1); }
};

std::vector<Column> make_columns(const Breakdown& breakdown, std::size_t labels) {
  const auto parts = sum_parts(breakdown);
  std::vector<Column> columns;
  for (std::size_t i = 0; i < kPartCount; ++i) {
    if (!parts[i].happened) continue;
    const bool is_unix = breakdown.is_local && static_cast<Part>(i) == Part::tcp;
    const std::string_view label = is_unix ? "Unix" : kLabels[labels][i];
    columns.push_back({label, breakdown.scale.text(parts[i].length)});
  }
  return columns;
}

std::string draw(const std::vector<Column>& columns, const std::string& total, const Style& style) {
  Line labels(style);
  Line values(style);
  std::size_t begin = 2;
  for (const Column& column : columns) {
    // The bar stands in the second of the two blanks between columns.
    values.skip_to(begin - (begin == 2 ? 2 : 1)).add(begin == 2 ? "[" : "|", Role::dim);
    labels.skip_to(begin).add_right(column.label, column.width(), Role::dim);
    values.skip_to(begin).add_right(column.value, column.width());
    begin += column.width() + 2;
  }
  values.add(" ]", Role::dim).skip(2).add(total, Role::strong);
  return labels.finish() + values.finish();
}

}  // namespace

std::string draw_columns(const Breakdown& breakdown, const Style& style) {
  const std::string total = breakdown.scale.text(breakdown.total);
  for (std::size_t labels = 0; labels < kLabels.size(); ++labels) {
    const std::vector<Column> columns = make_columns(breakdown, labels);
    if (columns.empty()) return {};
    std::size_t width = 4 + total.size();
    for (const Column& column : columns) width += column.width() + 2;
    if (width <= static_cast<std::size_t>(style.width)) return draw(columns, total, style);
  }
  return {};
}

}  // namespace xtrace::cli
