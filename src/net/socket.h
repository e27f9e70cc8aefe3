#pragma once

/// `Socket` is the `Stream` over a connected TCP or Unix socket.
///
/// Everything is sent with MSG_NOSIGNAL, so a peer that went away is an error and never a SIGPIPE.
/// Nothing is copied: the kernel reads straight from the caller's span, at most 1 MiB a turn, so
/// that one fast peer does not hold up the loop. All sockets of a thread read into the same 64 KiB.

#include <cstddef>
#include <span>

#include <uv.h>

#include <xtrace/address.h>
#include <xtrace/loop.h>

#include "net/next_turn.h"
#include "net/pollable.h"
#include "net/stream.h"

namespace xtrace {

class Socket final : public Stream {
 public:
  /// Takes over a connected socket. `remote` is where it was connected to and what errors name.
  Socket(Loop& loop, Pollable connected, const Address& remote);
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() override;

  /// A later call replaces the reader, also one that has been told the end.
  void start_reading(Callback<Flow(Expected<std::span<const std::byte>>)> on_data) override;
  /// Called by the reader itself, it undoes the `Flow::pause` that the reader then returns.
  void resume() override;
  void write(std::span<const std::byte> data, Callback<void(Expected<void>)> on_written) override;
  void settle_write() override;
  std::size_t bytes_accepted() const override { return accepted_; }
  Tick accepted_at() const override { return accepted_at_; }
  void finish_writing() override;
  void end_abruptly() override;
  void keep_loop_alive(bool alive) override { socket_.keep_loop_alive(alive); }
  Address local_address() const override;
  Address remote_address() const override { return remote_; }

 private:
  static void on_event(uv_poll_t* handle, int status, int events) noexcept;

  void send_more();
  void tell_writer();
  void receive();
  void tell_reader(Expected<std::span<const std::byte>> piece);
  void watch();

  Loop& loop_;
  Address remote_;
  Pollable socket_;
  NextTurn next_turn_;  // tells the writer what was known inside `write`

  Callback<Flow(Expected<std::span<const std::byte>>)> on_data_;
  bool is_reading_ = false;

  std::span<const std::byte> unsent_;
  Callback<void(Expected<void>)> on_written_;  // set while a write is under way
  Expected<void> write_result_;
  bool is_sending_ = false;  // the kernel shall take more
  std::size_t accepted_ = 0;
  Tick accepted_at_{};
};

}  // namespace xtrace
