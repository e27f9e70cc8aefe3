#include "xray/token_bucket.h"

#include <algorithm>

namespace xtrace {

namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;  // nanoseconds

}  // namespace

TokenBucket::TokenBucket(std::uint32_t burst, std::uint32_t rate)
    : burst_(std::max(burst, 1U)), rate_(std::max(rate, 1U)), tokens_(burst_) {}

std::size_t TokenBucket::available(Tick now) {
  refill(now);
  return static_cast<std::size_t>(tokens_);
}

void TokenBucket::take(std::size_t count) {
  tokens_ -= std::min<std::uint64_t>(count, tokens_);
}

Duration TokenBucket::until_next(Tick now) {
  refill(now);
  if (tokens_ > 0) return Duration::zero();
  return Duration{static_cast<std::int64_t>((kSecond - fraction_ + rate_ - 1) / rate_)};
}

void TokenBucket::refill(Tick now) {
  if (!is_started_) filled_ = now;
  is_started_ = true;
  if (now <= filled_) return;
  const auto elapsed = static_cast<std::uint64_t>(Duration(now - filled_).count());
  filled_ = now;
  // Asked first, so that the product below cannot overflow however long nobody looked.
  if (elapsed > (burst_ - tokens_) * kSecond / rate_) {
    tokens_ = burst_;
    fraction_ = 0;
    return;
  }
  fraction_ += elapsed * rate_;
  tokens_ += fraction_ / kSecond;
  fraction_ %= kSecond;
  if (tokens_ < burst_) return;
  tokens_ = burst_;
  fraction_ = 0;
}

}  // namespace xtrace
