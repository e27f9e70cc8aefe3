/// How a connection goes on behind an answer, and how it ends: kept, drained, closed in two steps,
/// cut by a limit.

#include <chrono>
#include <utility>

#include "http/server_connection.h"
#include "http/server_core.h"
#include "loop/timer.h"

namespace xtrace {

namespace {

// As much of a body that nobody wants is read so that the connection can be kept (Go's figure).
constexpr std::uint64_t kMostDrained = std::uint64_t{256} * 1024;
// How long a client is given to see an answer before what it still sends makes the kernel reset.
constexpr std::chrono::seconds kLinger{2};
// A connection younger than this has a request on its way, and is not closed for a newer one.
constexpr std::chrono::milliseconds kYoung{100};

}  // namespace

// Answered: the next request, or the rest of this one first, or the end of the connection.
void ServerConnection::after_exchange() {
  if (is_last_ || core_.is_closing()) return finish();
  if (is_request_complete_) return await_request();
  if (leaves_too_much() || has_drained_enough()) return finish();
  state_ = State::draining;
  limit_ = tick_now() + core_.config().limits.rate_grace;
  piece_ = {};
  parser_.proceed();
}

bool ServerConnection::decide_keep_alive() {
  const bool is_read = is_request_complete_ || exchange_.has_body_reader();
  if (!is_last_ && !is_read && leaves_too_much()) is_last_ = true;
  return !is_last_ && !core_.is_closing();
}

// Of a body that nobody reads: it may never come, or is longer than a new connection is worth.
bool ServerConnection::leaves_too_much() const {
  const std::uint64_t length = request_->content_length.value_or(0);
  const bool may_not_come = request_->expects_continue && !has_said_continue_;
  return may_not_come || length > parser_.body_size() + kMostDrained;
}

bool ServerConnection::has_drained_enough() const {
  return drained_ > kMostDrained;
}

void ServerConnection::await_request() {
  parser_.reset();
  state_ = State::between;
  is_first_ = false;
  is_request_complete_ = false;
  has_said_continue_ = false;
  drained_ = 0;
  limit_ = tick_now() + core_.config().limits.idle;
  core_.on_idle(*this);
}

// Nothing more is written. What the client still sends is read for a while, where there is any.
void ServerConnection::finish() {
  const bool is_all_read = is_request_complete_ && !has_more_ && pending_.empty() && !is_refused_;
  if (is_all_read || has_peer_ended_) return break_off({});
  state_ = State::lingering;
  limit_ = tick_now() + kLinger;
  pending_.clear();
  stream_->finish_writing();
}

void ServerConnection::close_when_done() {
  is_last_ = true;
  if (state_ == State::shaking || is_idle()) break_off({});
}

void ServerConnection::break_off(std::optional<Error> reason) {
  const std::unique_ptr<ServerConnection> self = core_.take_out(*this);
  if (state_ != State::serving) return;
  if (exchange_.ends_with_connection()) stream_->end_abruptly();
  if (reason && reason->code == Error::Code::peer_left) ++core_.counts().peer_left;
  if (reason && reason->code == Error::Code::peer_stalled) ++core_.counts().too_slow;
  if (reason && reason->code == Error::Code::body_source_failed) ++core_.counts().unanswered;
  exchange_.end(std::move(reason), parser_.body_size());
}

// -- limits ---------------------------------------------------------------------------------------

void ServerConnection::end_limit(Duration limit) {
  limit_ = tick_now() + limit;
}

void ServerConnection::check_limits(Tick now) {
  if (limit_ && now >= *limit_) return on_limit();
  if (is_idle() && !is_linked() && now - began_ >= kYoung) core_.on_idle(*this);
  const std::uint64_t bytes = parser_.body_size() + exchange_.bytes_sent();
  if (!is_waiting_for_peer()) {
    progress_ = {now, bytes};
    return;
  }
  const Duration elapsed = now - progress_.since;
  const HttpServerLimits& limits = core_.config().limits;
  if (elapsed < limits.rate_grace) return;
  const double seconds = std::chrono::duration<double>(elapsed).count();
  const bool is_slow = static_cast<double>(bytes - progress_.bytes) <
                       seconds * static_cast<double>(limits.slowest_rate);
  progress_ = {now, bytes};
  if (is_slow) on_too_slow();
}

bool ServerConnection::is_waiting_for_peer() const {
  if (state_ != State::serving) return false;
  if (exchange_.is_answered() && !exchange_.is_waiting_for_source()) return true;
  return exchange_.wants_body() && !is_request_complete_;
}

void ServerConnection::on_limit() {
  const bool is_head_late = state_ == State::between && parser_.has_begun();
  if (!is_head_late) {
    const bool was_served = state_ == State::lingering || (state_ == State::between && !is_first_);
    if (!was_served) ++core_.counts().too_slow;
    return break_off({});
  }
  refuse(408, Error{Error::Code::peer_stalled, Phase::none,
                    "The head of the request did not come in time."});
  settle();
}

void ServerConnection::on_too_slow() {
  if (exchange_.is_answered()) {
    const bool is_body = exchange_.is_waiting_for_source();  // which may wait for the body itself
    return break_off(
        Error{Error::Code::peer_stalled, Phase::none,
              is_body ? "the client sent the body of its request slower than the server allows"
                      : "the client took the answer slower than the server allows"});
  }
  const Life::Watch watch(life_);
  refuse(408, Error{Error::Code::peer_stalled, Phase::none,
                    "The body of the request came slower than the server allows."});
  if (!watch.is_over()) settle();
}

}  // namespace xtrace
