#pragma once

/// `Download` stands between the parser's pieces of a body and their consumer: it decodes, and it
/// holds back what the consumer does not want yet.
///
/// Without a decoder and with a willing consumer a piece passes through as it came. After
/// `Flow::pause` the rest of what the socket has read, 64 KiB at most, is kept, and the peer waits.
/// Decoding goes in steps of 64 KiB, a bounded number in one turn of the loop, so that neither
/// memory nor the loop pays for what a body expands to.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <xtrace/body.h>
#include <xtrace/callback.h>
#include <xtrace/client_config.h>
#include <xtrace/expected.h>
#include <xtrace/loop.h>

#include "http/body_decoder.h"
#include "net/next_turn.h"

namespace xtrace {

class Download {
 public:
  using Consumer = Callback<Expected<Flow>(std::span<const std::byte>)>;
  struct Events {
    /// Everything was delivered and more is wanted: the peer may go on. On a turn of its own.
    Callback<void()> on_writable{};
    /// The consumer or the decoder failed on a turn of its own. Runs once, and nothing after it.
    Callback<void(const Error&)> on_failed{};
  };

  explicit Download(Loop& loop) : loop_(loop) {}
  Download(const Download&) = delete;
  Download& operator=(const Download&) = delete;
  ~Download();

  /// A body begins. `consumer` must not destroy the download; `decoder` may be null.
  void begin(Consumer consumer, std::unique_ptr<BodyDecoder> decoder, const Decoding& limits,
             Events events);
  /// The next piece. Errors: the consumer's, `body_undecodable`, `body_expands`; then nothing more
  /// is delivered.
  Expected<void> take(std::span<const std::byte> piece);
  /// Whether the peer shall wait, for the consumer or for what is still to be decoded. What was
  /// read already may be given to `take` all the same.
  bool is_paused() const { return waits_for_consumer_ || has_backlog(); }
  /// The consumer goes on, on a later turn. Also from inside the consumer: then it undoes the
  /// `Flow::pause` which that returns.
  void resume();
  /// The body is complete. `on_end` runs once when everything was delivered, at once where it was,
  /// or with the error that ends it (then `on_failed` does not).
  void end(Callback<void(Expected<void>)> on_end);
  /// Nobody is called any more.
  void abandon();

  /// Bytes the consumer was given.
  std::uint64_t delivered() const { return delivered_; }

 private:
  /// Counts the bodies that are decoded on this thread, which share a turn's work.
  struct Share {
    Share();
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share();
    static std::size_t bytes_per_turn();
  };

  bool has_backlog() const { return !kept().empty() || may_hold_back_; }
  std::span<const std::byte> kept() const { return std::span(kept_).subspan(kept_begin_); }
  void keep(std::span<const std::byte> rest);
  Expected<std::size_t> pass(std::span<const std::byte> input);
  Expected<std::size_t> decode(std::span<const std::byte> input);
  Expected<void> check_expansion() const;
  Expected<void> deliver(std::span<const std::byte> piece);
  void go_on_later();
  void go_on();
  Expected<void> pass_kept();
  void finish(Expected<void> result);

  Loop& loop_;
  Consumer consumer_;
  Events events_;
  Callback<void(Expected<void>)> on_end_;  // set once the body is complete
  std::unique_ptr<BodyDecoder> decoder_;
  std::optional<Share> share_;  // while there is a decoder
  Decoding limits_;
  std::vector<std::byte> kept_;  // read and not passed on, from `kept_begin_`
  std::size_t kept_begin_ = 0;
  bool may_hold_back_ = false;  // the decoder may give more without being given any
  bool waits_for_consumer_ = false;
  bool is_delivering_ = false;
  bool is_over_ = false;
  bool is_resumed_inside_ = false;
  std::size_t made_in_turn_ = 0;
  std::uint64_t decoded_from_ = 0;
  std::uint64_t decoded_ = 0;
  std::uint64_t delivered_ = 0;
  std::optional<NextTurn> turn_;
};

}  // namespace xtrace
