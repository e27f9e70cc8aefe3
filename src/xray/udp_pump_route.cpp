// How a `UdpPump` finds its way to the daemon.

#include <algorithm>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "xray/udp_pump.h"

namespace xtrace {

/// When to look again, where there is no way now.
std::optional<Tick> UdpPump::find_route(Tick now) {
  if (keeper_ == nullptr) return std::nullopt;
  keeper_->refresh(now);
  if (const auto news = keeper_->take_news(now)) read_news(*news, now);
  if (route_ != nullptr || connect()) return std::nullopt;
  if (addresses_.empty()) return keeper_->next_due();
  return begin_absence(Absence::unreachable, now).value_or(now);
}

void UdpPump::read_news(const Expected<UdpAddresses>& news, Tick now) {
  if (news) return adopt(*news);
  const std::scoped_lock lock{mutex_};
  ledger_.note(*news.if_error());
  if (!addresses_.empty()) return;
  is_absent_ = true;
  ledger_.begin_absence(Absence::unreachable, now);
}

void UdpPump::adopt(const UdpAddresses& addresses) {
  const auto same = at_ < addresses_.size()
                        ? std::find(addresses.begin(), addresses.end(), addresses_[at_])
                        : addresses.end();
  const bool is_old_one_good = same != addresses.end();
  at_ = is_old_one_good ? static_cast<std::size_t>(same - addresses.begin()) : 0;
  addresses_ = addresses;
  tried_ = 0;
  if (is_old_one_good) return;
  drop_route();
  end_absence();
}

/// To the first address that has a way, from the one in use on.
bool UdpPump::connect() {
  for (std::size_t i = 0; i < addresses_.size(); ++i) {
    const std::size_t index = (at_ + i) % addresses_.size();
    const Expected<int> descriptor = connect_udp(keeper_->endpoint(), addresses_[index]);
    if (!descriptor) {
      const std::scoped_lock lock{mutex_};
      ledger_.note(*descriptor.if_error());
      continue;
    }
    at_ = index;
    route_ = std::make_unique<UdpRoute>(*descriptor, options_);
    const std::string peer = addresses_[index].to_string();
    const std::scoped_lock lock{mutex_};
    ledger_.set_peer(peer);
    return true;
  }
  return false;
}

void UdpPump::drop_route() {
  if (std::exchange(trial_ends_, std::nullopt)) settle(0);
  route_.reset();
  calls_seen_ = 0;
}

Tick UdpPump::next_refresh() const {
  return keeper_ == nullptr ? Tick::max() : keeper_->next_due();
}

std::optional<std::uint64_t> UdpPump::receiver_drops() {
  return route_ == nullptr ? std::nullopt : route_->receiver_drops();
}

int UdpPump::descriptor_to_watch() const {
  if (route_ == nullptr || route_->answers_at_once()) return -1;
  return ::fcntl(route_->descriptor(), F_DUPFD_CLOEXEC, 0);
}

void UdpPump::lock() {
  if (keeper_) keeper_->lock();
}

void UdpPump::unlock() {
  if (keeper_) keeper_->unlock();
}

void UdpPump::begin_anew() {
  is_absent_ = false;
  absent_pause_ = kShortestAbsence;
  trial_ends_.reset();
  calls_seen_ = 0;
  tried_ = 0;
  if (keeper_ != nullptr) {
    keeper_->begin_anew();
    route_.reset();
  } else {
    route_ = std::make_unique<UdpRoute>(route_->release_descriptor(), options_);
  }
}

}  // namespace xtrace
