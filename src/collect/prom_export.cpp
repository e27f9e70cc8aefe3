#include "collect/prom_export.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

namespace xtrace::collect {

namespace {

/// Prometheus' own, in seconds.
constexpr auto kPromBounds = std::to_array<std::string_view>(
    {"0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10"});
constexpr std::array<std::string_view, 4> kPromOutcomes = {"ok", "error", "throttle", "fault"};

struct PromFigures {
  std::array<std::uint64_t, kPromOutcomes.size()> outcomes{};
  std::array<std::uint64_t, kPromBounds.size()> buckets{};
  std::uint64_t count = 0;
  double sum = 0;
};

double prom_bound(std::string_view text) {
  double bound = 0;
  std::from_chars(text.data(), text.data() + text.size(), bound);
  return bound;
}

std::string prom_number(double value) {
  std::array<char, 40> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), end.ptr};
}

/// Worst first; a throttled request is an error as well.
std::size_t prom_outcome(const Flags& flags) {
  if (flags.fault) return 3;
  if (flags.throttle) return 2;
  return flags.error ? 1 : 0;
}

std::string prom_label(std::string_view value) {
  std::string label;
  for (const char c : value) {
    if (c == '\\' || c == '"') label += '\\';
    c == '\n' ? label.append("\\n") : label.append(1, c);
  }
  return label;
}

void count_visit(PromFigures& figures, const ServiceVisit& visit) {
  ++figures.outcomes[prom_outcome(visit.flags)];
  for (std::size_t i = 0; i < kPromBounds.size(); ++i) {
    if (visit.duration <= prom_bound(kPromBounds[i])) ++figures.buckets[i];
  }
  ++figures.count;
  figures.sum += visit.duration;
}

using PromServices = std::map<std::pair<std::string, std::string>, PromFigures>;

std::string prom_labels(const PromServices::value_type& service) {
  return "service=\"" + prom_label(service.first.first) + "\",type=\"" +
         prom_label(service.first.second) + "\"";
}

std::string prom_requests(const PromServices& services) {
  std::string text =
      "# HELP xtrace_trace_requests_total Work of a service in the traces, by what came of it.\n"
      "# TYPE xtrace_trace_requests_total counter\n";
  for (const auto& service : services) {
    for (std::size_t i = 0; i < kPromOutcomes.size(); ++i) {
      text.append("xtrace_trace_requests_total{").append(prom_labels(service));
      text.append(",outcome=\"").append(kPromOutcomes[i]).append("\"} ");
      text.append(std::to_string(service.second.outcomes[i])).append("\n");
    }
  }
  return text;
}

std::string prom_durations(const PromServices& services) {
  const std::string name = "xtrace_trace_request_duration_seconds";
  std::string text = "# HELP " + name + " How long that took.\n# TYPE " + name + " histogram\n";
  for (const auto& service : services) {
    const PromFigures& figures = service.second;
    const std::string labels = prom_labels(service);
    for (std::size_t i = 0; i <= kPromBounds.size(); ++i) {
      const bool is_last = i == kPromBounds.size();
      text.append(name).append("_bucket{").append(labels).append(",le=\"");
      text.append(is_last ? "+Inf" : kPromBounds[i]).append("\"} ");
      text.append(std::to_string(is_last ? figures.count : figures.buckets[i])).append("\n");
    }
    text.append(name).append("_sum{").append(labels).append("} ");
    text.append(prom_number(figures.sum)).append("\n");
    text.append(name).append("_count{").append(labels).append("} ");
    text.append(std::to_string(figures.count)).append("\n");
  }
  return text;
}

}  // namespace

std::string prom_of_traces(std::span<const TraceDigest* const> digests) {
  PromServices services;
  for (const TraceDigest* digest : digests) {
    for (const ServiceVisit& visit : digest->visits) {
      const DigestService& service = digest->services[visit.service];
      if (!visit.is_in_progress) count_visit(services[{service.name, service.type}], visit);
    }
  }
  return services.empty() ? std::string() : prom_requests(services) + prom_durations(services);
}

}  // namespace xtrace::collect
