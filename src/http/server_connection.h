#pragma once

/// `ServerConnection` reads requests from one stream, has them answered one after the other, and
/// decides how long the connection lives.
///
/// Bytes go into the parser until a head is complete, then the handler is called, outside the
/// parser, since it may do anything; body bytes go in only as the handler takes them; what belongs
/// to the next request waits in `pending_`. What is closed with something of the client's unread is
/// closed in two steps (RFC 9112 section 9.6): otherwise the kernel's reset would overtake the
/// answer.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/server_call.h>

#include "base/chain.h"
#include "base/life.h"
#include "http/request_parser.h"
#include "http/server_exchange.h"
#include "net/next_turn.h"
#include "net/stream.h"
#include "net/tls.h"

namespace xtrace {

class ServerCore;

class ServerConnection final : public Link<ServerConnection>, private RequestEvents {
 public:
  /// For a stream as it was accepted. `core` outlives it.
  ServerConnection(ServerCore& core, std::unique_ptr<Stream> accepted);
  ServerConnection(const ServerConnection&) = delete;
  ServerConnection& operator=(const ServerConnection&) = delete;
  ~ServerConnection();

  /// Begin to serve; with TLS, shake hands first. May destroy this.
  void start();
  /// Nobody's request is under way.
  bool is_idle() const { return state_ == State::between && !parser_.has_begun(); }
  /// Close as soon as nothing is under way.
  void close_when_done();
  /// Close now. An exchange under way ends with `reason`. Destroys this.
  void break_off(std::optional<Error> reason);
  /// What a limit of time or rate says, if it struck; looked at a few times a second.
  void check_limits(Tick now);

  // -- for the exchange ------------------------------------------------------------------------
  Loop& loop() const;
  Stream& stream() { return *stream_; }
  const Stream& stream() const { return *stream_; }
  Life& life() { return life_; }
  bool is_encrypted() const;
  std::string_view date();
  /// Whether another request may follow the answer that begins now, which says so.
  bool decide_keep_alive();
  void close_after_answer() { is_last_ = true; }
  void set_body_limit(std::uint64_t bytes) { parser_.set_body_limit(bytes); }
  void count_unanswered();
  void on_body_wanted();
  /// Runs `write` now, or once what is being written has left.
  void when_writable(Callback<void()> write);
  void on_answer_sent(const Expected<void>& sent);

  std::size_t slot = 0;  ///< The core's note: where it is in its list.

 private:
  enum class State : std::uint8_t {
    shaking,
    between,    // no exchange; a head may have begun
    serving,    // an exchange is open
    draining,   // answered; the rest of the body is read so that the connection can be kept
    lingering,  // written to the end; what still comes is dropped until the client closes
  };
  /// Over which time a client's rate is looked at.
  struct Progress {
    Tick since{};
    std::uint64_t bytes = 0;
  };

  void on_head(const IncomingRequest& request) override;
  void on_body(std::span<const std::byte> piece) override;
  void on_complete() override { is_request_complete_ = true; }

  void begin_serving(std::unique_ptr<Stream> stream);
  Flow on_data(const Expected<std::span<const std::byte>>& data);
  void on_peer_end(const Error* error);
  void advance(std::span<const std::byte> bytes);
  void note_first_byte();
  bool has_news() const;
  void take_step();
  void begin_exchange();
  void refuse(int status, Error reason);
  void settle();
  void say_continue();
  void go_on();

  void after_exchange();
  bool leaves_too_much() const;
  bool has_drained_enough() const;
  void await_request();
  void finish();
  void end_limit(Duration limit);
  bool is_waiting_for_peer() const;
  void on_limit();
  void on_too_slow();

  ServerCore& core_;
  Life life_;
  std::unique_ptr<Handshake> handshake_;
  std::unique_ptr<Stream> accepted_;  // until `start`
  RequestParser parser_;
  ServerExchange exchange_;

  State state_ = State::shaking;
  bool is_advancing_ = false;
  bool has_more_ = false;  // of the bytes it advances with: of the next request
  bool is_paused_ = false;
  bool is_first_ = true;     // the connection's first request
  bool is_last_ = false;     // no request after this one
  bool is_refused_ = false;  // nothing more is parsed
  bool has_peer_ended_ = false;
  bool is_request_complete_ = false;
  bool has_said_continue_ = false;
  bool is_writing_continue_ = false;
  const IncomingRequest* fresh_head_ = nullptr;  // parsed, and not yet given to the handler
  const IncomingRequest* request_ = nullptr;     // the last that was
  std::span<const std::byte> piece_;             // the same of the body
  std::string pending_;                          // bytes that cannot be parsed yet
  std::string taken_;                            // the same while they are parsed
  std::uint64_t drained_ = 0;
  Tick began_{};  // the first byte of the request
  std::optional<Tick> limit_;
  Progress progress_;
  Callback<void()> write_later_;
  NextTurn next_turn_;
  std::unique_ptr<Stream> stream_;  // last, so that no callback meets a half-gone connection
};

}  // namespace xtrace
