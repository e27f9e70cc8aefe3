#pragma once

/// Says how many datagrams may leave now without flooding the receiver's socket buffer.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <xtrace/clock.h>
#include <xtrace/udp_emitter.h>

#include "xray/receiver_probe.h"
#include "xray/token_bucket.h"

namespace xtrace {

struct Allowance {
  enum class Listener : std::uint8_t { unknown, present, missing };

  std::size_t count = 0;
  Duration wait{};  ///< Where `count` is 0: after how long it is worth asking again.
  Listener listener = Listener::unknown;
};

/// One thread at a time.
class FlowGate {
 public:
  /// Looks at the connected descriptor and does not keep it.
  FlowGate(int descriptor, const UdpEmitterOptions& options);

  /// How many of the datagrams, from the first on, may be sent now.
  Allowance allow(std::span<const std::string_view> datagrams, Tick now);
  /// So many of them were.
  void spend(std::size_t count) { bucket_.take(count); }
  /// A datagram got through though nobody was to be seen: where that is so still, something sends
  /// them on, and the receiver cannot be asked.
  void distrust_absence();

  /// Looks how many datagrams the receiver lost since the first look; nothing where that is not
  /// known.
  std::optional<std::uint64_t> receiver_drops();

 private:
  Allowance allow_what_fits(std::span<const std::string_view> datagrams, const ReceiverRoom& room);
  Allowance allow_paced(std::size_t count, Tick now);
  void learn_pause(std::size_t free, std::size_t size);
  void count_drops(const ReceiverRoom& room);

  bool is_open_ = false;  // everything may leave
  std::unique_ptr<ReceiverProbe> probe_{};
  TokenBucket bucket_;
  Duration bucket_pause_;
  bool is_pausing_ = false;
  Duration pause_;
  std::optional<std::uint64_t> drops_{};
  std::uint64_t drops_seen_ = 0;
};

}  // namespace xtrace
