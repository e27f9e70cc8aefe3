#include "client/tunnel_stream.h"

#include <utility>

namespace xtrace {

TunnelStream::TunnelStream(Loop& loop, std::unique_ptr<Stream> inner, std::vector<std::byte> first)
    : inner_(std::move(inner)), first_(std::move(first)), next_turn_(loop) {}

TunnelStream::~TunnelStream() = default;

void TunnelStream::start_reading(Callback<Flow(Expected<std::span<const std::byte>>)> on_data) {
  if (first_.empty()) return pass_on(std::move(on_data));
  on_data_ = std::move(on_data);
  next_turn_.call([this] { tell_first(); });
}

void TunnelStream::resume() {
  if (is_passed_on_) return inner_->resume();
  if (first_.empty() && on_data_) return pass_on(std::move(on_data_));
  is_resumed_ = true;
}

void TunnelStream::tell_first() {
  const std::weak_ptr life = life_;
  const std::vector<std::byte> first = std::exchange(first_, {});
  auto on_data = std::move(on_data_);
  is_resumed_ = false;
  const Flow flow = on_data(std::span<const std::byte>(first));
  if (life.expired() || is_passed_on_) return;
  if (flow == Flow::proceed || is_resumed_) return pass_on(std::move(on_data));
  on_data_ = std::move(on_data);
}

void TunnelStream::pass_on(Callback<Flow(Expected<std::span<const std::byte>>)> on_data) {
  is_passed_on_ = true;
  inner_->start_reading(std::move(on_data));
}

}  // namespace xtrace
