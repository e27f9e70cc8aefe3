#pragma once

/// `Attempt` is one request on one connection, from the search for it to the last byte of the
/// answer.
///
/// A flat state machine: one function per edge, read top to bottom in attempt.cpp, writing the
/// `Timeline` and calling the hooks from the same places; attempt_answer.cpp is what the response
/// does, attempt_end.cpp every way it can end. Destroying an attempt in any state calls nobody.

#include <cstdint>
#include <memory>
#include <optional>

#include <xtrace/client.h>

#include "client/deadlines.h"
#include "client/download.h"
#include "client/pool.h"
#include "client/proxy_rules.h"
#include "http/message_writer.h"
#include "http/parser.h"

namespace xtrace {

/// What an attempt borrows; all of it outlives the attempt.
struct AttemptContext {
  Loop& loop;
  const ClientConfig& config;
  Pool& pool;
  const ProxyRules& proxies;
};

struct AttemptResult {
  Exchange exchange{};
  /// It failed before a byte of an answer came, on a connection that the server may have closed
  /// long ago.
  bool is_stale = false;
  bool sent_anything = false;  ///< Some of the request may have reached the server.
};

/// Who made the attempt.
class AttemptOwner {
 public:
  /// The final head has come. True: its body matters to nobody, for another request follows.
  virtual bool leads_on(const Response& response) = 0;
  /// Runs once, as the attempt's last act: it may destroy the attempt.
  virtual void on_attempt_done(AttemptResult&& result) = 0;

 protected:
  ~AttemptOwner() = default;
};

class Attempt final : private Seeker, private ConnectionUser, private ResponseEvents {
 public:
  /// `request`, `options` and `owner` outlive it. Its timeline begins at `started`; `total_left` is
  /// zero without a limit.
  Attempt(const AttemptContext& context, const Request& request, CallOptions& options,
          AttemptOwner& owner, const TimePoint& started, Duration total_left);
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;
  ~Attempt();

  /// Look for a connection; on a turn of the loop. `wants_new`: none that was kept.
  void begin(bool wants_new);
  /// End with `error` without telling the owner. A phase that it does not name is the present one.
  AttemptResult end(Error error);
  /// Go on with a body that was paused.
  void resume();

 private:
  enum class State : std::uint8_t { queued, seeking, exchanging, delivering, done };

  // The edges, in the order they are passed.
  Dialling::Audience on_dial_decided() override;
  void on_lent(const Lent& lent) override;
  void on_seek_failed(const Error& error) override;
  void record_lending(const Lent& lent);
  void send();
  Expected<void> start_upload(std::string& head);
  void on_head_sent();
  void on_sent(const Expected<void>& sent);
  Flow on_received(Expected<std::span<const std::byte>> received) override;
  void on_limit(Limit limit);
  void check_idle();
  void release_body();

  // ResponseEvents; they run inside the parser, so none of them ends the attempt.
  void on_status_line_begins() override;
  void on_status_line(int status) override;
  void on_interim(Response response) override;
  void on_head(Response response) override;
  void on_body(std::span<const std::byte> piece) override;
  void on_complete(Headers trailers) override;
  void begin_body();
  void skip_body();
  void go_on_reading();
  Expected<Flow> keep(std::span<const std::byte> piece);

  // The end.
  void on_peer_closed();
  void on_receive_failed(const Error& error);
  bool fails_upload() const;
  bool is_uploading() const { return upload_ && timeline_.is_open(Phase::request); }
  static bool is_the_callers(const Error& error);
  void fail(Error error);
  void fail_answer(const Error& error);
  void finish();
  void on_delivered(const Expected<void>& delivered);
  AttemptResult take_result(std::optional<Error> error);
  void settle_timeline(const std::optional<Error>& error, Tick ended);
  void settle_open_hooks(const Error& error);
  void release_connection(const std::optional<Error>& error);
  CloseReason reason_of(const std::optional<Error>& error) const;
  Phase current_phase() const;
  Duration since_start(Tick at) const { return at - timeline_.started.tick; }
  Duration elapsed() const { return since_start(tick_now()); }

  AttemptContext context_;
  const Request& request_;
  CallOptions& options_;
  AttemptOwner& owner_;
  State state_ = State::queued;
  Timeline timeline_;

  Deadlines deadlines_;
  Connection* connection_ = nullptr;  // while it is lent
  std::optional<MessageWriter> upload_;
  Download download_;

  std::optional<Response> response_;
  Tick exchange_began_{};
  Tick received_at_{};  // when the bytes being parsed were read
  Duration status_line_at_{};
  bool is_kept_connection_ = false;
  bool is_first_byte_seen_ = false;
  bool keeps_body_ = false;
  bool is_complete_ = false;
  bool is_unwanted_ = false;  // the body, for a redirect is followed
  bool is_enough_ = false;    // of an unwanted body
  bool holds_body_ = false;   // until 100 Continue
  bool sent_anything_ = false;
  std::optional<Error> send_error_;  // until it is known whether the peer answered first
  std::optional<Error> body_refusal_;
};

}  // namespace xtrace
