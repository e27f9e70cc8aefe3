#include "xray/address_keeper.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace xtrace {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kFirstRetry = milliseconds(500);
constexpr Duration kLongestRetry = seconds(60);
// A name that was just looked up is not looked up for every refusal.
constexpr Duration kDoubtInterval = seconds(1);

}  // namespace

AddressKeeper::AddressKeeper(const DaemonEndpoint& endpoint, Duration interval, LookUpHost look_up,
                             std::function<void()> on_news)
    : endpoint_(endpoint),
      interval_(interval),
      look_up_(std::move(look_up)),
      on_news_(std::move(on_news)),
      is_name_(!is_numeric(endpoint)),
      retry_(kFirstRetry) {
  if (is_name_) {
    begin_lookup();
  } else {
    news_ = look_up_host(endpoint_);
  }
}

void AddressKeeper::refresh(Tick now) {
  if (now >= next_due()) begin_lookup();
}

void AddressKeeper::doubt(Tick now) {
  due_ = std::min(due_, std::max(now, looked_up_ + kDoubtInterval));
}

std::optional<Expected<UdpAddresses>> AddressKeeper::take_news(Tick now) {
  if (!lookup_) return std::exchange(news_, std::nullopt);
  auto result = lookup_->take_result();
  if (!result) return std::nullopt;
  lookup_.reset();
  looked_up_ = now;
  retry_ = result->has_value() ? kFirstRetry : std::min(retry_ * 2, kLongestRetry);
  due_ = now + (result->has_value() ? interval_ : std::min(retry_ / 2, interval_));
  return result;
}

Tick AddressKeeper::next_due() const {
  return is_name_ && !lookup_ ? due_ : Tick::max();
}

void AddressKeeper::begin_lookup() {
  lookup_ = std::make_unique<NameLookup>(look_up_, endpoint_, on_news_);
}

void AddressKeeper::lock() {
  if (lookup_) lookup_->lock();
}

void AddressKeeper::unlock() {
  if (lookup_) lookup_->unlock();
}

void AddressKeeper::begin_anew() {
  lookup_.reset();
  due_ = Tick{};
  retry_ = kFirstRetry;
}

}  // namespace xtrace
