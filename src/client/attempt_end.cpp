/// How an attempt ends: a limit that strikes, a failure, the last byte, or the caller who gave up.

#include <algorithm>
#include <string>
#include <utility>

#include "client/attempt.h"

namespace xtrace {

namespace {

std::string seconds(Duration duration) {
  const auto microseconds = std::chrono::ceil<std::chrono::microseconds>(duration).count();
  if (microseconds % 1'000'000 == 0) return std::to_string(microseconds / 1'000'000) + " s";
  if (microseconds % 1000 == 0) return std::to_string(microseconds / 1000) + " ms";
  return std::to_string(microseconds) + " us";
}

std::string_view deed(Phase phase) {
  switch (phase) {
    case Phase::queue:
      return "waiting for a connection";
    case Phase::dns_wait:
      return "waiting for a thread to look the name up";
    case Phase::dns:
      return "looking the name up";
    case Phase::connect:
      return "connecting";
    case Phase::tls:
      return "shaking hands";
    case Phase::request:
      return "sending the request";
    case Phase::response:
      return "waiting for the first byte";
    case Phase::body:
      return "receiving the body";
    default:
      return "working";
  }
}

Error::Code stall_code(Phase phase) {
  switch (phase) {
    case Phase::request:
      return Error::Code::send_stalled;
    case Phase::body:
      return Error::Code::body_stalled;
    default:
      return Error::Code::response_stalled;
  }
}

Error limit_error(Limit limit, Phase phase, const Timeouts& timeouts) {
  const auto timed_out = [phase](Error::Code code, std::string_view name, Duration allowed) {
    return Error{code, phase,
                 "timed out " + std::string(deed(phase)) + " (" + std::string(name) + " limit " +
                     seconds(allowed) + ")"};
  };
  switch (limit) {
    case Limit::total:
      return timed_out(Error::Code::call_timeout, "total", timeouts.total);
    case Limit::connect:
      return timed_out(Error::Code::connect_timeout, "connect", timeouts.connect);
    case Limit::dns:
      return timed_out(Error::Code::dns_timeout, "dns", timeouts.dns);
    case Limit::tls:
      return timed_out(Error::Code::tls_timeout, "tls", timeouts.tls);
    case Limit::response:
      return timed_out(Error::Code::response_timeout, "response", timeouts.response);
    case Limit::idle:
    case Limit::last_words:
      break;
  }
  return timed_out(stall_code(phase), "idle", timeouts.idle);
}

Error cut_upload(const Upload& upload, std::size_t size) {
  return {Error::Code::send_failed, Phase::request,
          "the server closed the connection before it had the whole request (" +
              std::to_string(upload.body_bytes_sent()) + " of " + std::to_string(size) +
              " bytes of the body were sent)"};
}

Outcome outcome_of(const Error& error) {
  if (is_timeout(error.code)) return Outcome::timeout;
  return error.code == Error::Code::cancelled ? Outcome::abandoned : Outcome::error;
}

}  // namespace

void Attempt::on_limit(Limit limit) {
  if (limit == Limit::idle) return check_idle();
  if (limit == Limit::last_words) return fail(*send_error_);
  if (state_ == State::resolving) record_lookup(Outcome::timeout);
  fail(limit_error(limit, current_phase(), context_.config.timeouts));
}

void Attempt::on_peer_closed() {
  const Expected<void> ended = parser_->finish();
  if (body_refusal_) return fail(*body_refusal_);
  if (is_complete_) return finish();
  if (fails_upload()) return fail(send_error_.value_or(cut_upload(*upload_, request_.body.size())));
  fail_answer(ended.error());
}

void Attempt::on_receive_failed(const Error& error) {
  if (send_error_ && !response_) return fail(*send_error_);
  if (!is_tls_truncation(error)) return fail({error.code, current_phase(), error.message});
  if (fails_upload()) return fail(cut_upload(*upload_, request_.body.size()));
  // Without close_notify the end may be anybody's doing: no message is complete by it.
  const Expected<void> ended = parser_->finish();
  if (const Error* cut = ended.if_error()) return fail_answer(*cut);
  fail({Error::Code::body_cut, Phase::body, error.message});
}

// Whether the end of the connection is first of all the end of an upload that nobody answered.
bool Attempt::fails_upload() const {
  return !response_ && (send_error_ || timeline_.is_open(Phase::request));
}

// Bytes only leave their time behind; the deadline is moved when it is due.
void Attempt::check_idle() {
  const Duration allowed = context_.config.timeouts.idle;
  const Tick moved_at = std::max({exchange_began_, received_at_, stream_->accepted_at()});
  const Duration idle = tick_now() - moved_at;
  if (idle >= allowed)
    return fail(limit_error(Limit::idle, current_phase(), context_.config.timeouts));
  deadlines_.set(Limit::idle, allowed - idle);
}

Phase Attempt::current_phase() const {
  switch (state_) {
    case State::queued:
      return Phase::queue;
    case State::resolving:
      return timeline_.find(Phase::dns) == nullptr ? Phase::dns_wait : Phase::dns;
    case State::dialling:
      return Phase::connect;
    case State::shaking_hands:
      return Phase::tls;
    case State::exchanging:
    case State::done:
      break;
  }
  if (timeline_.is_open(Phase::body)) return Phase::body;
  if (timeline_.is_open(Phase::response)) return Phase::response;
  return Phase::request;
}

// The worker's own stamps: what happened between them and this turn of the loop is nobody's phase.
void Attempt::record_lookup(Outcome outcome) {
  const Tick present = tick_now();
  const Tick started = lookup_->started_at();
  const Duration begin = since_start(lookup_->submitted_at());
  if (started == Tick{}) {
    timeline_.set(Phase::dns_wait, {begin, since_start(present), outcome});
    return;
  }
  const Tick finished = lookup_->finished_at();
  timeline_.set(Phase::dns_wait, {begin, since_start(started), Outcome::ok});
  timeline_.set(Phase::dns, {since_start(started),
                             since_start(finished == Tick{} ? present : finished), outcome});
}

void Attempt::fail(Error error) {
  if (error.phase == Phase::none) error.phase = current_phase();
  Callback<void(Exchange)> done = std::move(on_done_);
  Exchange exchange = conclude(std::move(error));
  done(std::move(exchange));  // may destroy this
}

// What is wrong with an answer is wrong in the phase the answer had reached.
void Attempt::fail_answer(const Error& error) {
  if (timeline_.find(Phase::response) == nullptr) {
    timeline_.begin(Phase::response, since_start(received_at_));
  }
  fail({error.code, current_phase(), error.message});
}

void Attempt::finish() {
  Callback<void(Exchange)> done = std::move(on_done_);
  Exchange exchange = conclude(std::nullopt);
  done(std::move(exchange));  // may destroy this
}

Exchange Attempt::abort() {
  if (state_ == State::resolving) record_lookup(Outcome::abandoned);
  return conclude(Error{Error::Code::cancelled, current_phase(), "cancelled by the caller"});
}

Exchange Attempt::conclude(std::optional<Error> error) {
  const Tick ended = error ? tick_now() : received_at_;
  const Duration at = since_start(ended);
  if (upload_) timeline_.request_body_bytes = upload_->body_bytes_sent();
  if (parser_) {
    timeline_.response_head_bytes = parser_->head_size();
    timeline_.response_body_bytes = parser_->body_size();
  }
  if (error) {
    settle_open_hooks(*error, ended);
    timeline_.end(error->phase, at, outcome_of(*error));
    timeline_.end(Phase::connect, at, outcome_of(*error));
    timeline_.end_all(at, Outcome::abandoned);
  } else {
    settle_needless_upload();
    timeline_.end(Phase::body, at, Outcome::ok);
    timeline_.end_all(at, Outcome::abandoned);  // an upload that was answered before it ended
  }
  timeline_.total = at;
  timeline_.loop_delay = context_.loop.delay_since(timeline_.started.tick);
  timeline_.error = error;
  state_ = State::done;

  deadlines_.clear_all();
  kick_off_.cancel();
  lookup_.reset();
  connecting_.reset();
  handshake_.reset();
  stream_.reset();
  if (options_.trace.request_done) options_.trace.request_done(timeline_);
  return {.response = std::move(response_),
          .error = std::move(error),
          .timeline = std::move(timeline_)};
}

// Whoever was told that something began is told that it ended.
void Attempt::settle_open_hooks(const Error& error, Tick ended) {
  const ClientTrace& trace = options_.trace;
  if (state_ == State::resolving && trace.dns_done) {
    trace.dns_done({.addresses = {}, .error = &error, .coalesced = false});
  }
  const auto open_dials = open_dials_;
  for (const auto& [index, address] : open_dials) {
    close_dial(index, ended, outcome_of(error), &error);
    if (trace.connect_done) trace.connect_done(address.network(), address, &error);
  }
  if (state_ == State::shaking_hands && trace.tls_handshake_done)
    trace.tls_handshake_done(nullptr, &error);
  const bool has_begun = !kick_off_.is_pending();
  if (state_ != State::exchanging && has_begun && trace.got_conn_failed)
    trace.got_conn_failed(error);
  if (timeline_.is_open(Phase::request) && trace.wrote_request)
    trace.wrote_request({.error = &error});
}

void Attempt::settle_needless_upload() {
  if (!timeline_.is_open(Phase::request) || !options_.trace.wrote_request) return;
  const Error needless{Error::Code::cancelled, Phase::request,
                       "the server answered before it had the whole request"};
  options_.trace.wrote_request({.error = &needless});
}

}  // namespace xtrace
