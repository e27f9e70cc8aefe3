#pragma once

/// `CountingStream` is a peer that takes every write whole, on the loop's next turn, and forgets
/// it.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include <xtrace/loop.h>

#include "net/next_turn.h"
#include "net/stream.h"

namespace xtrace::testing {

class CountingStream final : public Stream {
 public:
  explicit CountingStream(Loop& loop) : next_turn_(loop) {}

  std::uint64_t taken = 0;

  void start_reading(Callback<Flow(Expected<std::span<const std::byte>>)> /*on_data*/) override {}
  void resume() override {}
  void write(std::span<const std::byte> data, Callback<void(Expected<void>)> on_written) override {
    accepted_ = data.size();
    taken += data.size();
    on_written_ = std::move(on_written);
    next_turn_.call([this] {
      auto waiting = std::move(on_written_);
      waiting({});
    });
  }
  void settle_write() override {}
  std::size_t bytes_accepted() const override { return accepted_; }
  Tick accepted_at() const override { return std::chrono::steady_clock::now(); }
  void keep_loop_alive(bool /*alive*/) override {}
  Address local_address() const override { return {}; }
  Address remote_address() const override { return {}; }

 private:
  NextTurn next_turn_;
  std::size_t accepted_ = 0;
  Callback<void(Expected<void>)> on_written_;
};

}  // namespace xtrace::testing
