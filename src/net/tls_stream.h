#pragma once

/// `TlsStream` moves the bytes between a `TlsEngine` and the stream below it: the handshake first,
/// then whatever its user reads and writes.

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include <xtrace/loop.h>
#include <xtrace/tls.h>

#include "net/next_turn.h"
#include "net/stream.h"
#include "net/tls_engine.h"

namespace xtrace {

class TlsStream final : public Stream {
 public:
  /// `loop` is the loop of `inner`.
  TlsStream(Loop& loop, std::unique_ptr<Stream> inner, std::unique_ptr<TlsEngine> engine);
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;
  /// Says close_notify if that can be done without waiting.
  ~TlsStream() override;

  /// Begin. `on_shaken` runs once, on a later turn; on success the stream may then be used.
  void shake_hands(Callback<void(Expected<TlsInfo>)> on_shaken);

  void start_reading(Callback<Flow(Expected<std::span<const std::byte>>)> on_data) override;
  void resume() override;
  void write(std::span<const std::byte> data, Callback<void(Expected<void>)> on_written) override;
  void settle_write() override;
  std::size_t bytes_accepted() const override;
  Tick accepted_at() const override { return inner_->accepted_at(); }
  /// Says close_notify, and has the stream below finish behind it.
  void finish_writing() override;
  /// Without close_notify.
  void end_abruptly() override;
  void keep_loop_alive(bool alive) override { inner_->keep_loop_alive(alive); }
  Address local_address() const override { return inner_->local_address(); }
  Address remote_address() const override { return inner_->remote_address(); }

 private:
  enum class State { shaking, open, failed };

  Flow on_inner_data(const Expected<std::span<const std::byte>>& piece);
  void advance_handshake();
  void end_handshake(Expected<TlsInfo> result);

  void deliver();
  void tell_reader(Expected<std::span<const std::byte>> piece);
  bool wants_data() const { return is_reading_ && on_data_; }

  void encrypt_more();
  void flush();
  void on_inner_written(const Expected<void>& result);
  void tell_writer_if_done();

  void call_later();
  void on_next_turn();

  const std::unique_ptr<TlsEngine> engine_;
  tls::Buffer in_flight_;          // records the stream below is sending
  std::unique_ptr<Stream> inner_;  // reads `in_flight_` until it is gone
  NextTurn next_turn_;
  State state_ = State::shaking;
  std::shared_ptr<char> life_ = std::make_shared<char>();  // expires when a callback destroys us

  Callback<void(Expected<TlsInfo>)> on_shaken_;
  std::optional<Error> early_failure_;  // known inside `shake_hands`

  Callback<Flow(Expected<std::span<const std::byte>>)> on_data_;
  bool is_reading_ = false;
  bool is_inner_paused_ = false;
  std::optional<Error> inner_failure_;  // told after everything that came before it

  Callback<void(Expected<void>)> on_written_;  // set while a write is under way
  std::span<const std::byte> unencrypted_;
  std::optional<Error> write_failure_;
  std::size_t plain_taken_ = 0;      // bytes of the write that the kernel has
  std::size_t plain_queued_ = 0;     // those in the engine's output
  std::size_t plain_in_flight_ = 0;  // those in `in_flight_`
  bool is_inner_writing_ = false;
  bool is_finished_ = false;  // close_notify was said
  bool is_cut_ = false;       // and will not be
};

}  // namespace xtrace
