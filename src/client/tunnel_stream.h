#pragma once

/// `TunnelStream` gives its reader first what was read too early, then what the stream below gives.

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include <xtrace/loop.h>

#include "net/next_turn.h"
#include "net/stream.h"

namespace xtrace {

class TunnelStream final : public Stream {
 public:
  /// `inner` is a stream of `loop` that is paused; `first` is not empty.
  TunnelStream(Loop& loop, std::unique_ptr<Stream> inner, std::vector<std::byte> first);
  TunnelStream(const TunnelStream&) = delete;
  TunnelStream& operator=(const TunnelStream&) = delete;
  ~TunnelStream() override;

  void start_reading(Callback<Flow(Expected<std::span<const std::byte>>)> on_data) override;
  void resume() override;
  void write(std::span<const std::byte> data, Callback<void(Expected<void>)> on_written) override {
    inner_->write(data, std::move(on_written));
  }
  void settle_write() override { inner_->settle_write(); }
  std::size_t bytes_accepted() const override { return inner_->bytes_accepted(); }
  Tick accepted_at() const override { return inner_->accepted_at(); }
  void keep_loop_alive(bool alive) override { inner_->keep_loop_alive(alive); }
  Address local_address() const override { return inner_->local_address(); }
  Address remote_address() const override { return inner_->remote_address(); }

 private:
  void tell_first();
  void pass_on(Callback<Flow(Expected<std::span<const std::byte>>)> on_data);

  std::unique_ptr<Stream> inner_;
  std::vector<std::byte> first_;  // empty once told
  NextTurn next_turn_;
  Callback<Flow(Expected<std::span<const std::byte>>)> on_data_;  // until it is passed on
  bool is_passed_on_ = false;
  bool is_resumed_ = false;                                // by the reader while it is told
  std::shared_ptr<char> life_ = std::make_shared<char>();  // expires when a callback destroys us
};

}  // namespace xtrace
