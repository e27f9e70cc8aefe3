#include "cli/prom_text.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "instrument/metric_text.h"
#include "instrument/prometheus_names.h"

namespace xtrace::cli {

namespace {

std::string_view type_of(MetricInfo::Kind kind) {
  switch (kind) {
    case MetricInfo::Kind::histogram:
      return "histogram";
    case MetricInfo::Kind::counter:
      return "counter";
    case MetricInfo::Kind::gauge:
      break;
  }
  return "gauge";
}

std::string escaped(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const char letter : text) {
    if (letter == '\\' || letter == '"' || letter == '\n') result += '\\';
    result += letter == '\n' ? 'n' : letter;
  }
  return result;
}

/// `a="1",b="2"`
std::string text_of(const MetricTags& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    if (!text.empty()) text += ',';
    text += name;
    text += "=\"";
    text += escaped(value);
    text += '"';
  }
  return text;
}

void append_line(std::string& out, std::string_view name, std::string_view labels, double value) {
  out += name;
  if (!labels.empty()) {
    out += '{';
    out += labels;
    out += '}';
  }
  out += ' ';
  out += NumberText(value).view();
  out += '\n';
}

}  // namespace

class PromTextSink::Series : public PrometheusSeries {
 public:
  Series(const MetricInfo& info, SeriesRole role, PromTextSink& sink)
      : PrometheusSeries(info, role, sink.losses_), mutex_(sink.mutex_) {}

  /// Its lines; the sink's mutex is held.
  virtual void append_to(std::string& out, const std::string& name,
                         const std::string& labels) const = 0;

 protected:
  std::mutex& mutex_;
};

class PromTextSink::Histogram final : public Series {
 public:
  Histogram(const MetricInfo& info, SeriesRole role, PromTextSink& sink)
      : Series(info, role, sink), bounds_(prometheus_buckets(info.unit)) {
    counts_.resize(bounds_.size() + 1);
  }

  void append_to(std::string& out, const std::string& name,
                 const std::string& labels) const override {
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      count += counts_[i];
      std::string within = labels.empty() ? "le=\"" : labels + ",le=\"";
      within += NumberText(i < bounds_.size() ? bounds_[i] : HUGE_VAL).view();
      within += '"';
      append_line(out, name + "_bucket", within, static_cast<double>(count));
    }
    append_line(out, name + "_sum", labels, sum_);
    append_line(out, name + "_count", labels, static_cast<double>(count));
  }

 private:
  void take(double value) noexcept override {
    const auto bound = std::lower_bound(bounds_.begin(), bounds_.end(), value);
    const std::scoped_lock lock{mutex_};
    ++counts_[static_cast<std::size_t>(bound - bounds_.begin())];
    sum_ += value;
  }

  const std::span<const double> bounds_;
  std::vector<std::uint64_t> counts_{};  // of each bucket alone, the last up to infinity
  double sum_ = 0;
};

/// A counter or a gauge.
class PromTextSink::Scalar final : public Series {
 public:
  Scalar(const MetricInfo& info, SeriesRole role, PromTextSink& sink)
      : Series(info, role, sink), is_counter_(info.kind == MetricInfo::Kind::counter) {}

  void append_to(std::string& out, const std::string& name,
                 const std::string& labels) const override {
    append_line(out, name, labels, value_);
  }

 private:
  void take(double value) noexcept override {
    const std::scoped_lock lock{mutex_};
    value_ = is_counter_ ? value_ + value : value;
  }

  const bool is_counter_;
  double value_ = 0;
};

PromTextSink::PromTextSink(std::size_t most_series) : table_(most_series) {}

PromTextSink::~PromTextSink() = default;

MetricSeries& PromTextSink::series(const MetricInfo& info, std::span<const MetricTag> tags) {
  const std::string name = prometheus_name(info);
  const auto make_series = [this, &info, &name](const MetricTags& labels, SeriesRole role) {
    return make(info, name, labels, role);
  };
  std::string key = name;
  key += ' ';
  key += type_of(info.kind);
  return table_.find_or_make(key, prometheus_labels(tags), make_series);
}

std::unique_ptr<PrometheusSeries> PromTextSink::make(const MetricInfo& info,
                                                     const std::string& name,
                                                     const MetricTags& labels, SeriesRole role) {
  const auto [at, is_new] = families_.try_emplace(name);
  Family& family = at->second;
  if (is_new) {
    family.kind = info.kind;
    family.help = prometheus_help(info);
  }
  if (family.kind != info.kind) return std::make_unique<RefusingSeries>(info, role, losses_);
  std::unique_ptr<Series> made;
  if (info.kind == MetricInfo::Kind::histogram) {
    made = std::make_unique<Histogram>(info, role, *this);
  } else {
    made = std::make_unique<Scalar>(info, role, *this);
  }
  family.series.emplace(text_of(labels), made.get());
  return made;
}

std::string PromTextSink::text() {
  std::string out;
  const std::scoped_lock families{table_};
  const std::scoped_lock values{mutex_};
  for (const auto& [name, family] : families_) {
    if (!family.help.empty()) out += "# HELP " + name + ' ' + family.help + '\n';
    out += "# TYPE " + name + ' ';
    out += type_of(family.kind);
    out += '\n';
    for (const auto& [labels, series] : family.series) series->append_to(out, name, labels);
  }
  return out;
}

}  // namespace xtrace::cli
