#pragma once

/// `MessageWriter` writes the head and the body of a request, or of an answer, to a stream and
/// knows how far it got.
///
/// A body is a string or a `BodySource`; a source without a size is sent in chunks (RFC 9112
/// section 7.1), or ends with the connection. What is small leaves together with the head, in one
/// segment and one TLS record; what is large is written from where it lies. The next piece is asked
/// for when the kernel has taken the last. The stream's write callback points here, so the stream
/// is destroyed before the writer or together with it. A source's `read` may destroy them all.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <xtrace/body.h>
#include <xtrace/callback.h>
#include <xtrace/expected.h>
#include <xtrace/loop.h>

#include "base/life.h"
#include "net/next_turn.h"
#include "net/stream.h"

namespace xtrace {

class MessageWriter {
 public:
  struct Events {
    /// The kernel took the last byte of the head. Must not destroy the writer.
    Callback<void()> on_head_sent;
    /// ... and of the body, or the first error. Runs once.
    Callback<void(Expected<void>)> on_sent;
  };
  enum class Body {
    held,    ///< Waits for `release_body`; if that never comes, it stays here.
    follows  ///< Is sent.
  };

  /// `stream` and `body` outlive the writer; `source`, where there is one, stands in for `body`.
  /// `head` is used as memory until all is written, and given back for the next one, empty: a
  /// message without a body allocates nothing.
  MessageWriter(Loop& loop, Stream& stream, std::string& head, std::string_view body,
                std::unique_ptr<BodySource> source, Events events);
  MessageWriter(const MessageWriter&) = delete;
  MessageWriter& operator=(const MessageWriter&) = delete;
  ~MessageWriter();

  /// A source without a size is not chunked: whoever reads it finds its end in that of the
  /// connection (HTTP/1.0). Before `start`.
  void end_with_connection() { ends_with_connection_ = true; }
  bool ends_with_connection() const { return ends_with_connection_; }
  /// So many of the head's bytes, its last, are the body's. Before `start`.
  void count_in_head(std::size_t body_bytes) { buffered_ = body_bytes; }
  void start(Body how);
  /// Send the body that was held. Calls nobody from inside.
  void release_body();

  /// Head and body were taken by the kernel.
  bool is_complete() const { return is_complete_; }
  /// Nothing is being written, since the source has nothing to give.
  bool waits_for_source() const { return is_reading_ && write_.bytes == 0; }
  bool has_sent_anything() const { return done_ + bytes_in_write() > 0; }
  /// The stream still points here, and to bytes it may yet send.
  bool is_writing() const { return write_.bytes != 0; }
  std::size_t head_size() const { return head_size_; }
  /// As announced; none for a chunked body.
  std::optional<std::uint64_t> body_size() const { return size_; }
  /// Body bytes the kernel has taken, framing not counted.
  std::uint64_t body_bytes_sent() const;
  /// For whoever destroys a writer that is over: the source's destructor is its user's code, which
  /// may destroy what the writer is part of.
  std::unique_ptr<BodySource> take_source() { return std::move(source_); }

 private:
  /// One write: how much of it is body, behind or between framing, and whether it is a piece where
  /// it lies or the buffer.
  struct Write {
    std::size_t bytes = 0;
    std::size_t of_body = 0;
    bool is_piece = false;
  };

  void go_on_quietly();
  void go_on();
  bool gather();
  bool add_piece();
  void add_end();
  bool read();
  void on_read(const Expected<std::span<const std::byte>>& read);
  void accept(std::span<const std::byte> piece);
  void write(std::span<const std::byte> bytes, const Write& what);
  void on_written(const Expected<void>& written);
  void end();
  void tell_end();
  void fail(std::string message);
  bool is_chunked() const { return !size_ && !ends_with_connection_; }
  std::size_t bytes_in_write() const { return write_.bytes == 0 ? 0 : stream_.bytes_accepted(); }

  Loop& loop_;
  Life life_;
  Stream& stream_;
  std::string& buffer_;  // the head, then framing and small pieces
  const std::size_t head_size_;
  std::unique_ptr<BodySource> source_;
  const std::optional<std::uint64_t> size_;
  Events events_;

  Write write_;                       // the one under way
  std::span<const std::byte> piece_;  // what was given last and is in no write and no buffer
  std::size_t buffered_ = 0;          // body bytes in `buffer_`
  std::uint64_t given_ = 0;           // body bytes that the source gave
  std::uint64_t done_ = 0;            // bytes of finished writes
  std::uint64_t body_done_ = 0;       // body bytes among them
  std::optional<Error> failure_;
  std::optional<NextTurn> later_;
  bool is_head_sent_ = false;
  bool is_held_ = false;
  bool ends_with_connection_ = false;
  bool is_reading_ = false;  // the source was asked
  bool is_inside_read_ = false;
  bool is_framed_ = false;  // the chunk header of `piece_` has been added
  bool is_ended_ = false;   // nothing is behind `piece_`
  bool is_end_added_ = false;
  bool calls_nobody_ = false;  // the caller's own call is on the stack
  bool is_over_ = false;
  bool is_complete_ = false;
};

}  // namespace xtrace
