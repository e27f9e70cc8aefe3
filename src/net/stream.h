#pragma once

/// `Stream` is a connected, full-duplex byte pipe: a socket, or TLS around another stream.
///
/// One reader, one write at a time, all on the loop's thread. Destroying a stream closes it and
/// silences it: no callback runs afterwards. A callback may destroy the stream it came from.

#include <cstddef>
#include <span>

#include <xtrace/address.h>
#include <xtrace/body.h>
#include <xtrace/callback.h>
#include <xtrace/clock.h>
#include <xtrace/expected.h>

namespace xtrace {

class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;

  /// Start reading. `on_data` runs with each piece received, valid until it returns; an empty span
  /// means the peer ended its side (EOF), after which nothing more comes. An error ends reading.
  /// Returning `Flow::pause` stops reading until `resume()`. Never called from inside
  /// `start_reading` or `resume`.
  virtual void start_reading(Callback<Flow(Expected<std::span<const std::byte>>)> on_data) = 0;
  virtual void resume() = 0;

  /// Send `data`, which must stay valid until `on_written`. That runs once, on a later turn, when
  /// the kernel has taken the last byte (or on the first error). One write at a time.
  virtual void write(std::span<const std::byte> data,
                     Callback<void(Expected<void>)> on_written) = 0;

  /// If the kernel has all of the write under way, run its `on_written` now instead of on a later
  /// turn. For readers: an answer must not seem older than the end of the request it answers.
  virtual void settle_write() = 0;

  /// Bytes of the current write the kernel has taken so far; lets a stall be told from progress.
  virtual std::size_t bytes_accepted() const = 0;

  /// When the kernel last took bytes: in `on_written`, which the loop may get to much later, the
  /// moment of the last one.
  virtual Tick accepted_at() const = 0;

  /// Tell the peer that nothing more will be written, where nothing is; reading goes on. Streams
  /// that cannot do so do nothing.
  virtual void finish_writing() {}

  /// Have the peer see the connection cut, once this is destroyed, rather than ended: for what has
  /// no end but the connection's and is not whole. Streams that cannot do so do nothing.
  virtual void end_abruptly() {}

  /// Whether an open stream keeps the loop running (the default), or not: what waits in a pool does
  /// not hold its host up.
  virtual void keep_loop_alive(bool alive) = 0;

  virtual Address local_address() const = 0;
  virtual Address remote_address() const = 0;
};

}  // namespace xtrace
