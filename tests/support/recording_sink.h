#pragma once

/// A `MetricsSink` that keeps every value, to be asked for by name and tags. From any thread.

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <xtrace/metrics_sink.h>

namespace xtrace::testing {

class RecordingSink final : public MetricsSink {
 public:
  MetricSeries& series(const MetricInfo& info, std::span<const MetricTag> tags) override {
    const std::scoped_lock lock{mutex_};
    ++lookups_;
    std::unique_ptr<Kept>& kept = all_[key_of(info.name, tags)];
    if (kept == nullptr) {
      kept = std::make_unique<Kept>();
      kept->info = info;
    }
    return *kept;
  }

  /// What was recorded, in order, into `name{key=value,...}` with the keys in order; empty where
  /// there is no such series.
  std::vector<double> values(std::string_view key) const {
    const auto found = all_.find(key);
    return found != all_.end() ? found->second->read() : std::vector<double>();
  }
  /// As `values`, where there must be one.
  double value(std::string_view key) const {
    const std::vector<double> all = values(key);
    return all.size() == 1 ? all.front() : -1;
  }
  /// All of it added up.
  double sum(std::string_view key) const {
    double total = 0;
    for (const double value : values(key)) total += value;
    return total;
  }
  /// The last of them; -1 without any.
  double latest(std::string_view key) const {
    const std::vector<double> all = values(key);
    return all.empty() ? -1 : all.back();
  }

  bool has(std::string_view key) const { return all_.contains(key); }
  /// Each series that has a value, and begins with `prefix`, in order.
  std::vector<std::string> recorded(std::string_view prefix = {}) const {
    std::vector<std::string> keys;
    for (const auto& [key, kept] : all_) {
      if (key.starts_with(prefix) && !kept->read().empty()) keys.push_back(key);
    }
    return keys;
  }
  const MetricInfo& info(std::string_view key) const { return all_.find(key)->second->info; }
  std::size_t lookups() const { return lookups_; }

 private:
  struct Kept final : MetricSeries {
    void record(double value) noexcept override {
      const std::scoped_lock lock{mutex};
      values.push_back(value);
    }
    std::vector<double> read() const {
      const std::scoped_lock lock{mutex};
      return values;
    }

    mutable std::mutex mutex{};
    std::vector<double> values{};
    MetricInfo info{};
  };

  static std::string key_of(std::string_view name, std::span<const MetricTag> tags) {
    std::vector<std::pair<std::string, std::string>> sorted;
    for (const MetricTag& tag : tags) sorted.emplace_back(tag.key, tag.value);
    std::sort(sorted.begin(), sorted.end());
    std::string key(name);
    for (const auto& [name_of_tag, value] : sorted) {
      key += key.size() == name.size() ? '{' : ',';
      key += name_of_tag + "=" + value;
    }
    return tags.empty() ? key : key + "}";
  }

  std::mutex mutex_{};
  std::map<std::string, std::unique_ptr<Kept>, std::less<>> all_{};
  std::size_t lookups_ = 0;
};

}  // namespace xtrace::testing
