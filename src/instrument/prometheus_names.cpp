#include "instrument/prometheus_names.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "base/ascii.h"
#include "instrument/metric_text.h"

namespace xtrace {

namespace {

// From what a connect on loopback takes to where everybody has given up. The ends of a bucket are
// at most a factor of 2.5 apart, so two latencies that far apart never share one.
constexpr std::array kSeconds{0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005,
                              0.01,    0.02,   0.05,   0.1,    0.2,   0.5,   1.0,
                              2.0,     5.0,    10.0,   20.0,   30.0,  60.0};
constexpr std::array kBytes{64.0,       256.0,       1024.0,      4096.0,    16384.0,
                            65536.0,    262144.0,    1048576.0,   4194304.0, 16777216.0,
                            67108864.0, 268435456.0, 1073741824.0};
constexpr std::array kPlain{1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0};

/// Every letter that neither `also` nor a name of a variable may hold becomes an underscore, and a
/// digit in front gets one before it.
std::string valid_name(std::string_view text, std::string_view also) {
  std::string name;
  name.reserve(text.size() + 1);
  if (text.empty() || is_digit(text.front())) name += '_';
  for (const char letter : text) {
    const bool is_kept =
        is_alpha(letter) || is_digit(letter) || also.find(letter) != std::string_view::npos;
    name += is_kept ? letter : '_';
  }
  return name;
}

std::string_view suffix_of(MetricInfo::Unit unit) {
  switch (unit) {
    case MetricInfo::Unit::milliseconds:
      return "_seconds";
    case MetricInfo::Unit::bytes:
      return "_bytes";
    case MetricInfo::Unit::none:
      break;
  }
  return {};
}

void end_in(std::string& name, std::string_view suffix) {
  if (!name.ends_with(suffix)) name += suffix;
}

std::string label_name(std::string_view key) {
  std::string name = valid_name(key, {});
  if (name == "le" || name == "quantile" || name.starts_with("__")) name.insert(0, "exported_");
  return name;
}

}  // namespace

std::string prometheus_name(const MetricInfo& info) {
  constexpr std::string_view kTotal = "_total";
  std::string name = valid_name(info.name, ":");
  if (info.kind == MetricInfo::Kind::counter && name.ends_with(kTotal)) {
    name.resize(name.size() - kTotal.size());
  }
  end_in(name, suffix_of(info.unit));
  if (info.kind == MetricInfo::Kind::counter) name += kTotal;
  return name;
}

std::string prometheus_help(const MetricInfo& info) {
  std::string help = clean_text(info.help, {});
  std::replace(help.begin(), help.end(), '\n', ' ');
  std::replace(help.begin(), help.end(), '\\', '/');
  return help;
}

double prometheus_divisor(MetricInfo::Unit unit) {
  return unit == MetricInfo::Unit::milliseconds ? 1000.0 : 1.0;
}

MetricTags prometheus_labels(std::span<const MetricTag> tags) {
  // By the tags' own names, so that values that come to share a label stand in one order.
  std::vector<MetricTag> sorted;
  for (const MetricTag& tag : tags) {
    if (!tag.key.empty() && !tag.value.empty()) sorted.push_back(tag);
  }
  std::sort(sorted.begin(), sorted.end(), [](const MetricTag& left, const MetricTag& right) {
    return std::pair{left.key, left.value} < std::pair{right.key, right.value};
  });
  MetricTags labels;
  for (const MetricTag& tag : sorted) {
    std::string name = label_name(tag.key);
    const auto same = std::find_if(labels.begin(), labels.end(),
                                   [&name](const auto& label) { return label.first == name; });
    if (same == labels.end()) {
      labels.emplace_back(std::move(name), clean_text(tag.value, {}));
    } else {
      same->second += ';';
      same->second += clean_text(tag.value, {});
    }
  }
  std::sort(labels.begin(), labels.end());
  return labels;
}

std::span<const double> prometheus_buckets(MetricInfo::Unit unit) {
  switch (unit) {
    case MetricInfo::Unit::milliseconds:
      return kSeconds;
    case MetricInfo::Unit::bytes:
      return kBytes;
    case MetricInfo::Unit::none:
      break;
  }
  return kPlain;
}

}  // namespace xtrace
