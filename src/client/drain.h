#pragma once

/// `Drain` reads the rest of an answer that nobody wants, to save the connection: at most 256 KiB
/// and 50 ms of it (what Go's transport does since 1.27).

#include <cstddef>
#include <cstdint>
#include <span>

#include "client/connection.h"
#include "http/parser.h"
#include "loop/timer.h"

namespace xtrace {

inline constexpr std::uint64_t kMostDrained = std::uint64_t{256} * 1024;
inline constexpr Duration kLongestDrain = std::chrono::milliseconds(50);

class Drain final : private ConnectionUser, private ResponseEvents {
 public:
  /// `pool` is told the end by `end_drain`, on a later turn.
  Drain(Pool& pool, Loop& loop, Connection& connection);
  Drain(const Drain&) = delete;
  Drain& operator=(const Drain&) = delete;
  ~Drain();

  Connection& connection() { return connection_; }

 private:
  Flow on_received(Expected<std::span<const std::byte>> received) override;
  void end(bool is_saved);

  void on_status_line_begins() override {}
  void on_interim(Response) override {}
  void on_head(Response) override {}
  void on_body(std::span<const std::byte> piece) override;
  void on_complete(Headers) override { is_complete_ = true; }

  Pool& pool_;
  Connection& connection_;
  Timer patience_;
  std::uint64_t drained_ = 0;
  bool is_complete_ = false;
};

}  // namespace xtrace
