#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <xtrace/prometheus_sink.h>

#include "instrument/prometheus_names.h"
#include "instrument/prometheus_series.h"
#include "instrument/series_table.h"

namespace xtrace {

namespace {

/// A series that hands its values to an object of prometheus-cpp.
template <class Metric, void (Metric::*kDeed)(double)>
class Handing final : public PrometheusSeries {
 public:
  Handing(const MetricInfo& info, SeriesRole role, PrometheusLosses& losses, Metric& metric)
      : PrometheusSeries(info, role, losses), metric_(metric) {}

 private:
  void take(double value) noexcept override { (metric_.*kDeed)(value); }

  Metric& metric_;
};
using Observing = Handing<prometheus::Histogram, &prometheus::Histogram::Observe>;
using Counting = Handing<prometheus::Counter, &prometheus::Counter::Increment>;
using Setting = Handing<prometheus::Gauge, &prometheus::Gauge::Set>;

template <class Metric>
using Families = std::unordered_map<std::string, prometheus::Family<Metric>*>;

prometheus::detail::Builder<prometheus::Histogram> builder(const prometheus::Histogram* /*kind*/) {
  return prometheus::BuildHistogram();
}
prometheus::detail::Builder<prometheus::Counter> builder(const prometheus::Counter* /*kind*/) {
  return prometheus::BuildCounter();
}
prometheus::detail::Builder<prometheus::Gauge> builder(const prometheus::Gauge* /*kind*/) {
  return prometheus::BuildGauge();
}

/// Rising and finite: prometheus-cpp takes nothing else, and adds infinity itself.
std::vector<double> usable(std::vector<double> bounds) {
  const auto is_useless = [](double bound) { return !std::isfinite(bound); };
  bounds.erase(std::remove_if(bounds.begin(), bounds.end(), is_useless), bounds.end());
  std::sort(bounds.begin(), bounds.end());
  bounds.erase(std::unique(bounds.begin(), bounds.end()), bounds.end());
  return bounds;
}

/// What a kind of metric is called in the table of series, in which a name may be of several.
std::string_view letter_of(MetricInfo::Kind kind) {
  switch (kind) {
    case MetricInfo::Kind::histogram:
      return " h";
    case MetricInfo::Kind::counter:
      return " c";
    case MetricInfo::Kind::gauge:
      break;
  }
  return " g";
}

}  // namespace

struct PrometheusSink::Impl {
  Impl(std::shared_ptr<prometheus::Registry> given, PrometheusConfig config)
      : registry(std::move(given)),
        buckets(usable(std::move(config.buckets))),
        table(config.most_series) {}

  std::unique_ptr<PrometheusSeries> make(const MetricInfo& info, const std::string& name,
                                         const MetricTags& labels, SeriesRole role);
  template <class Metric>
  prometheus::Family<Metric>& family(Families<Metric>& known, const MetricInfo& info,
                                     const std::string& name);
  std::vector<double> buckets_of(MetricInfo::Unit unit) const;

  const std::shared_ptr<prometheus::Registry> registry;
  const std::vector<double> buckets;
  PrometheusLosses losses{};
  SeriesTable<PrometheusSeries> table;
  // Guarded by the table's lock. Asked for once each: a registry may refuse to be asked again.
  Families<prometheus::Histogram> histograms{};
  Families<prometheus::Counter> counters{};
  Families<prometheus::Gauge> gauges{};
};

template <class Metric>
prometheus::Family<Metric>& PrometheusSink::Impl::family(Families<Metric>& known,
                                                         const MetricInfo& info,
                                                         const std::string& name) {
  const auto found = known.find(name);
  if (found != known.end()) return *found->second;
  const Metric* kind = nullptr;
  auto& made = builder(kind).Name(name).Help(prometheus_help(info)).Register(*registry);
  known.emplace(name, &made);
  return made;
}

std::vector<double> PrometheusSink::Impl::buckets_of(MetricInfo::Unit unit) const {
  if (unit == MetricInfo::Unit::milliseconds && !buckets.empty()) return buckets;
  const std::span<const double> usual = prometheus_buckets(unit);
  return {usual.begin(), usual.end()};
}

std::unique_ptr<PrometheusSeries> PrometheusSink::Impl::make(const MetricInfo& info,
                                                             const std::string& name,
                                                             const MetricTags& tags,
                                                             SeriesRole role) {
  const prometheus::Labels labels{tags.begin(), tags.end()};
  try {
    switch (info.kind) {
      case MetricInfo::Kind::histogram:
        return std::make_unique<Observing>(
            info, role, losses, family(histograms, info, name).Add(labels, buckets_of(info.unit)));
      case MetricInfo::Kind::counter:
        return std::make_unique<Counting>(info, role, losses,
                                          family(counters, info, name).Add(labels));
      case MetricInfo::Kind::gauge:
        break;
    }
    return std::make_unique<Setting>(info, role, losses, family(gauges, info, name).Add(labels));
  } catch (const std::invalid_argument&) {
    return std::make_unique<RefusingSeries>(info, role, losses);
  }
}

PrometheusSink::PrometheusSink(std::shared_ptr<prometheus::Registry> registry,
                               PrometheusConfig config)
    : impl_(std::make_unique<Impl>(std::move(registry), std::move(config))) {}

PrometheusSink::~PrometheusSink() = default;

MetricSeries& PrometheusSink::series(const MetricInfo& info, std::span<const MetricTag> tags) {
  const std::string name = prometheus_name(info);
  const auto make = [this, &info, &name](const MetricTags& labels, SeriesRole role) {
    return impl_->make(info, name, labels, role);
  };
  std::string key = name;
  key += letter_of(info.kind);
  return impl_->table.find_or_make(key, prometheus_labels(tags), make);
}

std::uint64_t PrometheusSink::overflow() const {
  return impl_->losses.overflow;
}

std::uint64_t PrometheusSink::dropped() const {
  return impl_->losses.dropped;
}

}  // namespace xtrace
