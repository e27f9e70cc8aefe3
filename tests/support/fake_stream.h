#pragma once

/// `FakeStream` is a `Stream` whose other end is the test: it sees what is written and says what
/// arrives, when it likes.
///
/// It has no loop, so "on a later turn" is the test's business: nothing happens inside `write` or
/// `start_reading`.

#include <functional>
#include <string>
#include <string_view>

#include "net/stream.h"

namespace xtrace::testing {

class FakeStream final : public Stream {
 public:
  FakeStream() = default;
  ~FakeStream() override;

  void start_reading(Callback<Flow(Expected<std::span<const std::byte>>)> on_data) override;
  void resume() override;
  void write(std::span<const std::byte> data, Callback<void(Expected<void>)> on_written) override;
  void settle_write() override {}
  std::size_t bytes_accepted() const override { return accepted; }
  Tick accepted_at() const override { return last_accept; }
  void finish_writing() override { is_finished = true; }
  void keep_loop_alive(bool alive) override { keeps_loop_alive = alive; }
  Address local_address() const override { return local; }
  Address remote_address() const override { return remote; }

  // -- what the test does ---------------------------------------------------------------------
  /// Bytes arrive; call only while `is_reading`. The stream may be gone afterwards.
  void deliver(std::string_view bytes);
  /// The peer ends its side.
  void deliver_end();
  void deliver_error(Error error);
  /// The kernel takes `count` more bytes of the write under way (at most all), and tells when it
  /// has the last.
  void accept(std::size_t count);
  void accept_all();
  void fail_write(Error error);

  // -- what the test sees ---------------------------------------------------------------------
  std::string written;       ///< Every byte the kernel took.
  std::string_view pending;  ///< The rest of the write under way.
  std::size_t accepted = 0;  ///< Bytes of that write already taken.
  Tick last_accept{};  ///< When `accept` last gave bytes to the kernel; the test may overwrite it.
  std::size_t writes = 0;    ///< How often `write` was called.
  std::size_t resumed = 0;   ///< How often `resume` was called.
  bool is_finished = false;  ///< Nothing more will be written.
  bool is_reading = false;   ///< Reading was started, and neither paused nor ended.
  Address local = Address::from_ipv4({127, 0, 0, 1}, 40000);
  Address remote = Address::from_ipv4({127, 0, 0, 1}, 80);
  bool keeps_loop_alive = true;
  std::function<void()> on_destroyed;

 private:
  void tell_reader(Expected<std::span<const std::byte>> piece);
  void finish_write(Expected<void> result);

  Callback<Flow(Expected<std::span<const std::byte>>)> on_data_;
  Callback<void(Expected<void>)> on_written_;
  bool* destroyed_ = nullptr;  // set while the reader is called
};

}  // namespace xtrace::testing
