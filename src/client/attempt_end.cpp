/// How an attempt ends: a limit that strikes, a failure, the last byte, or the caller who gave up.

#include <algorithm>
#include <string>
#include <utility>

#include "client/attempt.h"
#include "client/limit_error.h"
#include "loop/timer.h"
#include "net/tls.h"

namespace xtrace {

namespace {

Error cut_upload(const MessageWriter& upload) {
  std::string sent = std::to_string(upload.body_bytes_sent());
  if (const auto size = upload.body_size()) sent += " of " + std::to_string(*size);
  return {Error::Code::send_failed, Phase::request,
          "the server closed the connection before it had the whole request (" + sent +
              " bytes of the body were sent)"};
}

/// Without an answer, what a server that had closed the connection long ago looks like.
bool looks_stale(const Error& error) {
  return error.code == Error::Code::empty_reply || error.code == Error::Code::receive_failed ||
         error.code == Error::Code::send_failed;
}

}  // namespace

void Attempt::on_limit(Limit limit) {
  switch (limit) {
    case Limit::idle:
      return check_idle();
    case Limit::last_words:
      return fail(*send_error_);
    case Limit::expect_continue:
      return release_body();
    case Limit::drain:
      is_enough_ = true;
      received_at_ = tick_now();
      return finish();
    case Limit::wait:
      context_.pool.count_wait_timeout(*this);
      break;
    default:
      break;
  }
  fail(limit_error(limit, current_phase(), context_.config.timeouts));
}

void Attempt::on_peer_closed() {
  const Expected<void> ended = connection_->parser().finish();
  if (body_refusal_) return fail(*body_refusal_);
  is_enough_ = is_unwanted_;  // where an answer leads on, a damaged body does not matter either
  if (is_complete_ || is_enough_) return finish();
  if (fails_upload()) return fail(send_error_.value_or(cut_upload(*upload_)));
  fail_answer(ended.error());
}

void Attempt::on_receive_failed(const Error& error) {
  is_enough_ = is_unwanted_;
  if (is_enough_) return finish();
  if (send_error_ && !response_) return fail(*send_error_);
  if (!is_tls_truncation(error)) return fail({error.code, current_phase(), error.message});
  if (fails_upload()) return fail(cut_upload(*upload_));
  // Without close_notify the end may be anybody's doing: no message is complete by it.
  const Expected<void> ended = connection_->parser().finish();
  if (const Error* cut = ended.if_error()) return fail_answer(*cut);
  fail({Error::Code::body_cut, Phase::body, error.message});
}

// Whether the end of the connection is first of all the end of an upload that nobody answered.
bool Attempt::fails_upload() const {
  return !response_ && (send_error_ || timeline_.is_open(Phase::request));
}

// Bytes only leave their time behind; the deadline is moved when it is due. A body that its
// consumer paused is nobody's stall.
void Attempt::check_idle() {
  const Duration allowed = context_.config.timeouts.idle;
  const Tick moved_at =
      std::max({exchange_began_, received_at_, connection_->stream().accepted_at()});
  const Duration idle = download_.is_paused() ? Duration::zero() : tick_now() - moved_at;
  if (idle >= allowed)
    return fail(limit_error(Limit::idle, current_phase(), context_.config.timeouts));
  deadlines_.set(Limit::idle, allowed - idle);
}

Phase Attempt::current_phase() const {
  if (state_ == State::queued) return Phase::queue;
  if (state_ == State::seeking) return Pool::phase_of(*this);
  if (state_ == State::delivering) return Phase::body;
  if (timeline_.is_open(Phase::body)) return Phase::body;
  if (timeline_.is_open(Phase::response)) return Phase::response;
  return Phase::request;
}

// What is wrong with an answer is wrong in the phase the answer had reached.
void Attempt::fail_answer(const Error& error) {
  if (timeline_.find(Phase::response) == nullptr) {
    timeline_.begin(Phase::response, since_start(received_at_));
  }
  fail({error.code, current_phase(), error.message});
}

void Attempt::fail(Error error) {
  owner_.on_attempt_done(end(std::move(error)));  // may destroy this
}

AttemptResult Attempt::end(Error error) {
  if (error.phase == Phase::none) error.phase = current_phase();
  if (state_ != State::delivering) {
    settle_open_hooks(error);
    settle_timeline(error, tick_now());
    release_connection(error);
  }
  return take_result(std::move(error));
}

// The last byte has come, so the connection is free; its consumer may be behind.
void Attempt::finish() {
  if (is_uploading() && options_.trace.wrote_request) {
    const Error needless{Error::Code::cancelled, Phase::request,
                         "the server answered before it had the whole request"};
    options_.trace.wrote_request({.error = &needless});
  }
  settle_timeline(std::nullopt, received_at_);
  release_connection(std::nullopt);
  state_ = State::delivering;
  deadlines_.clear_all();
  if (is_unwanted_) return on_delivered({});
  download_.end([this](const Expected<void>& delivered) { on_delivered(delivered); });
}

void Attempt::on_delivered(const Expected<void>& delivered) {
  std::optional<Error> error;
  if (const Error* failure = delivered.if_error()) error = *failure;
  owner_.on_attempt_done(take_result(std::move(error)));  // may destroy this
}

AttemptResult Attempt::take_result(std::optional<Error> error) {
  state_ = State::done;
  deadlines_.clear_all();
  download_.abandon();
  timeline_.decoded_body_bytes = timeline_.content_encoding.empty() ? 0 : download_.delivered();
  timeline_.error = error;
  if (options_.trace.request_done) options_.trace.request_done(timeline_);
  const bool is_unanswered = is_kept_connection_ && !is_first_byte_seen_ && error.has_value();
  return {.exchange = {.response = std::move(response_),
                       .error = error,
                       .timeline = std::move(timeline_)},
          .is_stale = is_unanswered && looks_stale(*error),
          .sent_anything = sent_anything_};
}

void Attempt::settle_timeline(const std::optional<Error>& error, Tick ended) {
  const Duration at = since_start(ended);
  if (upload_) {
    timeline_.request_body_bytes = upload_->body_bytes_sent();
    sent_anything_ = upload_->has_sent_anything();
  }
  if (connection_ != nullptr && state_ == State::exchanging) {
    timeline_.response_head_bytes = connection_->parser().head_size();
    timeline_.response_body_bytes = connection_->parser().body_size();
  }
  if (error) {
    timeline_.end(error->phase, at, outcome_of(*error));
    timeline_.end(Phase::connect, at, outcome_of(*error));
  } else {
    timeline_.end(Phase::body, at, Outcome::ok);
  }
  timeline_.end_all(at, Outcome::abandoned);  // an upload that was answered before it ended
  timeline_.total = at;
  timeline_.loop_delay = context_.loop.delay_since(timeline_.started.tick);
}

// Whoever was told that something began is told that it ended.
void Attempt::settle_open_hooks(const Error& error) {
  const ClientTrace& trace = options_.trace;
  context_.pool.stop_seeking(*this, &error);
  if (state_ == State::seeking && trace.got_conn_failed) trace.got_conn_failed(error);
  if (timeline_.is_open(Phase::request) && trace.wrote_request)
    trace.wrote_request({.error = &error});
}

// -- the connection's further life --------------------------------------------------------------

void Attempt::release_connection(const std::optional<Error>& error) {
  if (connection_ == nullptr) return;
  Connection& connection = *std::exchange(connection_, nullptr);
  Pool& pool = context_.pool;
  const bool is_sent = upload_ && upload_->is_complete();
  const bool may_drain = is_sent && response_.has_value() && !is_complete_ && !is_enough_ &&
                         (!error || is_the_callers(*error));
  if (may_drain) {
    upload_.reset();
    return pool.drain(connection);
  }
  const bool is_reusable = !error && is_sent && is_complete_ && connection.parser().keeps_alive() &&
                           context_.config.keeps_alive;
  if (!is_reusable) {
    pool.condemn(connection, reason_of(error));
    return upload_.reset();
  }
  upload_.reset();
  const auto reason = pool.reason_to_close(connection);
  if (const auto& hook = options_.trace.put_idle_conn) hook(reason ? &reason->second : nullptr);
  pool.give_back(connection);
}

// The caller gave up; nothing is wrong with the connection.
bool Attempt::is_the_callers(const Error& error) {
  using enum Error::Code;
  return error.code == cancelled || error.code == body_refused || error.code == body_too_large ||
         error.code == body_expands || error.code == body_undecodable;
}

CloseReason Attempt::reason_of(const std::optional<Error>& error) const {
  if (!error) return CloseReason::not_reusable;
  if (error->code == Error::Code::client_closed) return CloseReason::closed;
  if (error->code == Error::Code::cancelled || error->code == Error::Code::redundant ||
      is_timeout(error->code))
    return CloseReason::cancelled;
  const bool is_unanswered = is_kept_connection_ && !is_first_byte_seen_;
  return is_unanswered && looks_stale(*error) ? CloseReason::server_closed : CloseReason::error;
}

}  // namespace xtrace
