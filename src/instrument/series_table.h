#pragma once

/// A `SeriesTable` is what a `MetricsSink` has of series: one of each name and tags, and no more
/// than it may have.
///
/// Past that, tags stand for all others: every value of theirs becomes `other`. There is one such
/// series for each name and each set of keys, and those are literals of the program. The same goes
/// for series without tags, so neither counts. From any thread.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace xtrace {

/// In UTF-8 and sorted, so that the same tags are equal.
using MetricTags = std::vector<std::pair<std::string, std::string>>;

/// Whether a series has the tags that were asked for.
enum class SeriesRole : std::uint8_t { itself, all_others };

template <class Series>
class SeriesTable {
 public:
  explicit SeriesTable(std::size_t most) : most_(most) {}

  /// The series of this name and these tags. Where it is new, `make(tags, role)` makes it, inside
  /// the table's lock.
  template <class Make>
  Series& find_or_make(std::string_view name, MetricTags tags, const Make& make) {
    const std::scoped_lock lock{mutex_};
    const auto found = series_.find(key_of(name, tags));
    if (found != series_.end()) return *found->second;
    if (tags.empty()) return insert(name, tags, make, SeriesRole::itself);
    if (counted_ < most_) {
      Series& made = insert(name, tags, make, SeriesRole::itself);
      ++counted_;
      return made;
    }
    for (auto& tag : tags) tag.second = "other";
    const auto others = series_.find(key_of(name, tags));
    if (others != series_.end()) return *others->second;
    return insert(name, tags, make, SeriesRole::all_others);
  }

  /// Around whatever wants no series to come into being meanwhile.
  void lock() { mutex_.lock(); }
  void unlock() { mutex_.unlock(); }

 private:
  template <class Make>
  Series& insert(std::string_view name, const MetricTags& tags, const Make& make, SeriesRole role) {
    std::unique_ptr<Series> made = make(tags, role);
    return *series_.emplace(key_of(name, tags), std::move(made)).first->second;
  }

  static std::string key_of(std::string_view name, const MetricTags& tags) {
    constexpr char kSeparator = '\xff';  // in no UTF-8
    std::string key{name};
    for (const auto& [tag, value] : tags) {
      key += kSeparator;
      key += tag;
      key += kSeparator;
      key += value;
    }
    return key;
  }

  const std::size_t most_;
  std::mutex mutex_{};
  std::unordered_map<std::string, std::unique_ptr<Series>> series_{};
  std::size_t counted_ = 0;
};

}  // namespace xtrace
