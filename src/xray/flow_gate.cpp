#include "xray/flow_gate.h"

#include <algorithm>
#include <chrono>

#include "xray/socket_ends.h"

namespace xtrace {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr Duration kShortestPause = microseconds(30);
constexpr Duration kLongestPause = milliseconds(2);
// Of the receiver's buffer, for others that send to it.
constexpr std::size_t kHeadroomShare = 16;
// The pause is right when this much of the buffer, in quarters, is free after it: longer and the
// receiver may run dry, shorter and we wake for little.
constexpr std::size_t kLittle = 1;
constexpr std::size_t kMuch = 2;

/// Long enough for half a burst, so that waking is worth it, and a millisecond at most.
Duration pause_of_bucket(const UdpEmitterOptions& options) {
  const std::int64_t half = std::max<std::int64_t>(options.paced_burst / 2, 1);
  const Duration whole = Duration(std::chrono::seconds(1)) * half;
  return std::min<Duration>(whole / std::max(options.paced_rate, 1U), milliseconds(1));
}

/// A little slower than the receiver is said to take, or what a burst left in its buffer stays
/// there for good and nothing may ever interrupt it.
std::uint32_t sustained_rate(const UdpEmitterOptions& options) {
  return options.paced_rate - options.paced_rate / 16;
}

bool is_unix_socket(int descriptor) {
  const std::optional<SocketEnds> ends = ends_of(descriptor);
  return ends && ends->peer.family == AF_UNIX;
}

}  // namespace

FlowGate::FlowGate(int descriptor, const UdpEmitterOptions& options)
    : bucket_(options.paced_burst, sustained_rate(options)),
      bucket_pause_(pause_of_bucket(options)),
      pause_(kShortestPause) {
  // A full Unix socket takes nothing and says so.
  is_open_ = options.flow_control == FlowControl::off || is_unix_socket(descriptor);
  if (is_open_ || options.flow_control == FlowControl::paced) return;
  probe_ = std::make_unique<ReceiverProbe>(descriptor);
  if (!probe_->is_local()) probe_.reset();
}

Allowance FlowGate::allow(std::span<const std::string_view> datagrams, Tick now) {
  if (is_open_) return {.count = datagrams.size()};
  if (probe_ == nullptr) return allow_paced(datagrams.size(), now);
  ReceiverRoom room;
  switch (probe_->ask(room)) {
    case ReceiverProbe::Answer::room:
      count_drops(room);
      return allow_what_fits(datagrams, room);
    case ReceiverProbe::Answer::nobody:
      return {.count = 0, .listener = Allowance::Listener::missing};
    case ReceiverProbe::Answer::unknown:
      break;
  }
  return allow_paced(datagrams.size(), now);
}

Allowance FlowGate::allow_what_fits(std::span<const std::string_view> datagrams,
                                    const ReceiverRoom& room) {
  const std::size_t free = room.size > room.used ? room.size - room.used : 0;
  if (is_pausing_) learn_pause(free, room.size);
  const std::size_t headroom = room.size / kHeadroomShare;
  const std::size_t budget = free > headroom ? free - headroom : 0;
  Allowance allowance{.wait = pause_, .listener = Allowance::Listener::present};
  std::size_t cost = 0;
  for (const std::string_view datagram : datagrams) {
    cost += truesize_of(datagram.size());
    if (cost > budget) break;
    ++allowance.count;
  }
  // An empty buffer is as good as it gets.
  if (allowance.count == 0 && room.used == 0) allowance.count = 1;
  is_pausing_ = allowance.count == 0;
  return allowance;
}

Allowance FlowGate::allow_paced(std::size_t count, Tick now) {
  const std::size_t tokens = bucket_.available(now);
  return {.count = std::min(count, tokens),
          .wait = std::max(bucket_.until_next(now), bucket_pause_)};
}

/// What was free after a pause tells whether it was too long or too short.
void FlowGate::learn_pause(std::size_t free, std::size_t size) {
  const std::size_t quarter = std::max<std::size_t>(size / 4, 1);
  if (free < kLittle * quarter) pause_ = std::min(pause_ * 2, kLongestPause);
  if (free > kMuch * quarter) pause_ = std::max(pause_ / 2, kShortestPause);
}

void FlowGate::distrust_absence() {
  ReceiverRoom room;
  if (probe_ != nullptr && probe_->ask(room) == ReceiverProbe::Answer::nobody) probe_.reset();
}

std::optional<std::uint64_t> FlowGate::receiver_drops() {
  ReceiverRoom room;
  if (probe_ != nullptr && probe_->ask(room) == ReceiverProbe::Answer::room) count_drops(room);
  return drops_;
}

// Another socket may have taken the port, and counts from zero.
void FlowGate::count_drops(const ReceiverRoom& room) {
  if (!drops_) {
    drops_ = 0;
  } else {
    *drops_ += room.drops < drops_seen_ ? room.drops : room.drops - drops_seen_;
  }
  drops_seen_ = room.drops;
}

}  // namespace xtrace
