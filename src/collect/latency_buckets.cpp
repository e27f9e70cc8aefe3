#include "collect/latency_buckets.h"

#include <algorithm>
#include <cmath>

namespace xtrace::collect {

namespace {

// The middle of a bucket is within 4.9 % of all that is in it. 232 buckets end at an hour; the
// first has all up to a microsecond, and the last what is longer than ten hours.
constexpr double kRatio = 1.1;
constexpr double kFirst = 1e-6;
constexpr std::uint8_t kLast = 255;

std::uint8_t bucket_of(double seconds) {
  if (!(seconds > kFirst)) return 0;
  static const double scale = 1 / std::log(kRatio);
  const double bucket = std::ceil(std::log(seconds / kFirst) * scale);
  return bucket < kLast ? static_cast<std::uint8_t>(bucket) : kLast;
}

double upper_bound_of(std::uint8_t bucket) {
  return kFirst * std::pow(kRatio, bucket);
}

}  // namespace

void LatencyBuckets::add(double seconds) {
  if (!std::isfinite(seconds)) return;
  const double taken = std::max(seconds, 0.0);
  least_ = count_ == 0 ? taken : std::min(least_, taken);
  most_ = std::max(most_, taken);
  ++count_;
  add_to(bucket_of(taken), 1);
}

void LatencyBuckets::merge(const LatencyBuckets& other) {
  if (other.count_ == 0) return;
  least_ = count_ == 0 ? other.least_ : std::min(least_, other.least_);
  most_ = std::max(most_, other.most_);
  count_ += other.count_;
  for (const Entry& entry : other.entries_) add_to(entry.bucket, entry.count);
}

double LatencyBuckets::percentile(double share) const {
  if (count_ == 0) return 0;
  // The rank of the nearest one: of four, the half is the second.
  const double rank = std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(count_));
  double seen = 0;
  for (const Entry& entry : entries_) {
    seen += static_cast<double>(entry.count);
    if (seen >= rank) return value_of(entry.bucket);
  }
  return most_;
}

std::vector<LatencyBuckets::Bucket> LatencyBuckets::buckets() const {
  std::vector<Bucket> buckets;
  buckets.reserve(entries_.size());
  for (const Entry& entry : entries_) {
    const double up_to = entry.bucket == kLast ? most_ : upper_bound_of(entry.bucket);
    buckets.push_back({up_to, value_of(entry.bucket), entry.count});
  }
  return buckets;
}

void LatencyBuckets::add_to(std::uint8_t bucket, std::uint64_t count) {
  const auto place = std::ranges::lower_bound(entries_, bucket, {}, &Entry::bucket);
  if (place != entries_.end() && place->bucket == bucket) {
    place->count += count;
  } else {
    entries_.insert(place, Entry{count, bucket});
  }
}

double LatencyBuckets::value_of(std::uint8_t bucket) const {
  const double middle = upper_bound_of(bucket) / std::sqrt(kRatio);
  return std::clamp(bucket == kLast ? most_ : middle, least_, most_);
}

}  // namespace xtrace::collect
