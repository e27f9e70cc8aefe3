#pragma once

/// `Attempt` is one request on one connection, from the lookup to the last byte of the answer.
///
/// A flat state machine: one function per edge, read top to bottom in attempt.cpp, writing the
/// `Timeline` and calling the hooks from the same places. What fails ends in `finish()`. Destroying
/// an attempt in any state closes everything and calls nobody.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <xtrace/client.h>

#include "client/deadlines.h"
#include "client/route.h"
#include "client/upload.h"
#include "http/parser.h"
#include "net/connector.h"
#include "net/next_turn.h"
#include "net/resolver.h"
#include "net/stream.h"
#include "net/tls.h"

namespace xtrace {

/// What an attempt borrows; all of it outlives the attempt.
struct AttemptContext {
  Loop& loop;
  Resolver& resolver;
  const ClientConfig& config;
};

class Attempt final : private DialObserver, private ResponseEvents {
 public:
  Attempt(const AttemptContext& context, Request request, CallOptions options,
          Callback<void(Exchange)> on_done);
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;
  ~Attempt();

  /// Begin on the next turn. `tls` is what an https request needs, or why it cannot be had.
  void start(Expected<std::shared_ptr<const TlsContext>> tls);
  bool is_running() const { return state_ != State::done; }
  /// End as cancelled, without calling `on_done`.
  Exchange abort();

 private:
  enum class State : std::uint8_t { queued, resolving, dialling, shaking_hands, exchanging, done };

  // The edges, in the order they are passed.
  void begin();
  void resolve();
  void on_resolved(Expected<Resolved> resolved);
  void dial();
  void on_connected(Expected<std::unique_ptr<Stream>> stream);
  void shake();
  void on_shaken(Expected<TlsSession> session);
  void use_connection();
  void send();
  void on_sent(const Expected<void>& sent);
  Flow on_received(Expected<std::span<const std::byte>> received);
  void on_peer_closed();
  void on_receive_failed(const Error& error);
  bool fails_upload() const;
  void on_limit(Limit limit);
  void check_idle();

  // DialObserver
  void on_dial_start(std::size_t index, const Address& address, Tick at) override;
  void on_dial_done(std::size_t index, const Address& address, Tick at,
                    const Error* error) override;
  void on_dial_abandoned(std::size_t index, const Address& address, Tick at) override;

  // ResponseEvents; they run inside `parser_->feed`, so none of them finishes the attempt.
  void on_status_line_begins() override;
  void on_status_line(int status) override;
  void on_interim(Response response) override;
  void on_head(Response response) override;
  void on_body(std::span<const std::byte> piece) override;
  void on_complete(Headers trailers) override;

  // The end.
  void fail(Error error);
  void fail_answer(const Error& error);
  void finish();
  Exchange conclude(std::optional<Error> error);
  void settle_open_hooks(const Error& error, Tick ended);
  void settle_needless_upload();
  void record_lookup(Outcome outcome);
  void close_dial(std::size_t index, Tick at, Outcome outcome, const Error* error);
  Phase current_phase() const;
  Duration since_start(Tick at) const { return at - timeline_.started.tick; }
  Duration elapsed() const { return since_start(tick_now()); }

  AttemptContext context_;
  Request request_;
  CallOptions options_;
  Callback<void(Exchange)> on_done_;
  State state_ = State::queued;
  Timeline timeline_;
  Expected<std::shared_ptr<const TlsContext>> tls_{std::shared_ptr<const TlsContext>()};
  Route route_;

  NextTurn kick_off_;
  Deadlines deadlines_;
  std::unique_ptr<Lookup> lookup_;
  std::unique_ptr<Connecting> connecting_;
  std::unique_ptr<Handshake> handshake_;
  std::unique_ptr<Stream> stream_;
  std::optional<Upload> upload_;
  std::optional<ResponseParser> parser_;

  std::optional<Response> response_;
  Tick exchange_began_{};
  Tick received_at_{};  // when the bytes being parsed were read
  Duration status_line_at_{};
  bool is_first_byte_seen_ = false;
  bool is_complete_ = false;
  std::optional<Error>
      send_error_;  // kept until it is known whether the peer answered before it closed
  std::optional<Error> body_refusal_;
  std::vector<std::pair<std::size_t, Address>> open_dials_;  // also those that are not recorded
};

}  // namespace xtrace
