/// What the response does: bytes in, events of the parser, the body on its way to its consumer.

#include <utility>

#include "client/attempt.h"
#include "client/drain.h"
#include "http/body_decoder.h"
#include "http/request_head.h"
#include "loop/timer.h"

namespace xtrace {

Flow Attempt::on_received(Expected<std::span<const std::byte>> received) {
  connection_->stream().settle_write();
  received_at_ = tick_now();
  if (const Error* error = received.if_error()) {
    on_receive_failed(*error);
    return Flow::proceed;
  }
  if (received->empty()) {
    on_peer_closed();
    return Flow::proceed;
  }
  const Expected<std::size_t> taken = connection_->parser().feed(*received);
  if (body_refusal_) {
    fail(*body_refusal_);
  } else if (const Error* error = taken.if_error(); error != nullptr && !is_unwanted_) {
    fail_answer(*error);
  } else if (is_complete_ || is_enough_ || error != nullptr) {
    is_enough_ = is_enough_ || error != nullptr;
    finish();
  } else {
    return download_.is_paused() ? Flow::pause : Flow::proceed;
  }
  return Flow::proceed;  // `this` may be gone
}

void Attempt::resume() {
  download_.resume();
}

void Attempt::go_on_reading() {
  if (connection_ != nullptr) connection_->stream().resume();
}

void Attempt::on_status_line_begins() {
  status_line_at_ = since_start(received_at_);
  if (is_first_byte_seen_) return;
  is_first_byte_seen_ = true;
  if (options_.trace.got_first_response_byte) options_.trace.got_first_response_byte();
}

void Attempt::on_interim(Response response) {
  if (timeline_.interim_count < Timeline::kMaxInterims) {
    timeline_.interims[timeline_.interim_count++] = {.status = response.status,
                                                     .at = status_line_at_};
  }
  const ClientTrace& trace = options_.trace;
  if (response.status == 100 && trace.got_100_continue) trace.got_100_continue();
  if (trace.got_1xx_response) trace.got_1xx_response(response.status, response.headers);
  if (response.status == 100) release_body();
}

// Only the status tells the final response from an interim one; its first byte is what ended the
// wait.
void Attempt::on_status_line(int status) {
  if (status < 200) return;
  deadlines_.clear(Limit::response);
  deadlines_.clear(Limit::last_words);
  if (std::exchange(holds_body_, false)) skip_body();
  const Span* wait = timeline_.find(Phase::response);
  if (wait != nullptr && wait->begin <= status_line_at_) {
    timeline_.end(Phase::response, status_line_at_, Outcome::ok);
  } else {
    timeline_.early_response = true;
    timeline_.set(Phase::response, {status_line_at_, status_line_at_, Outcome::ok});
  }
  timeline_.begin(Phase::body, status_line_at_);
}

// The answer makes the body that waits for 100 Continue needless.
void Attempt::skip_body() {
  deadlines_.clear(Limit::expect_continue);
  const Span wait = timeline_.continue_wait.value_or(Span{status_line_at_, status_line_at_});
  timeline_.continue_wait = Span{wait.begin, status_line_at_, Outcome::ok};
  timeline_.end(Phase::request, wait.begin, Outcome::ok);
  timeline_.begin(Phase::response, wait.begin);
  if (options_.trace.wrote_request) options_.trace.wrote_request({.error = nullptr});
}

void Attempt::on_head(Response response) {
  response_ = std::move(response);
  timeline_.head_read = since_start(received_at_);
  if (options_.trace.got_response_head) options_.trace.got_response_head(*response_);
  is_unwanted_ = owner_.leads_on(*response_);
  if (!is_unwanted_) return begin_body();
  deadlines_.set(Limit::drain, kLongestDrain);
  is_enough_ = response_->content_length.value_or(0) > kMostDrained;
}

void Attempt::begin_body() {
  keeps_body_ = !options_.on_body;
  if (options_.on_response) {
    const Expected<BodyTo> chosen = options_.on_response(*response_);
    if (const Error* refused = chosen.if_error()) {
      body_refusal_ = Error{refused->code, Phase::body, refused->message};
      return;
    }
    keeps_body_ = *chosen == BodyTo::memory;
  }
  std::unique_ptr<BodyDecoder> decoder;
  const bool may_decode = context_.config.decoding.is_on && asks_for_compression(request_) &&
                          response_->status != 204 && response_->status != 304;
  if (may_decode) decoder = make_body_decoder(response_->headers);
  if (decoder) {
    timeline_.content_encoding = *response_->headers.find("Content-Encoding");
    response_->headers.remove("Content-Encoding");
    response_->headers.remove("Content-Length");
    response_->content_length.reset();
  }
  download_.begin(
      [this](std::span<const std::byte> piece) {
        return keeps_body_ ? keep(piece) : options_.on_body(piece);
      },
      std::move(decoder), context_.config.decoding,
      {.on_writable = [this] { go_on_reading(); },
       .on_failed = [this](const Error& error) { fail(error); }});
}

void Attempt::on_body(std::span<const std::byte> piece) {
  if (body_refusal_) return;
  if (is_unwanted_) {
    is_enough_ = is_enough_ || connection_->parser().body_size() > kMostDrained;
    return;
  }
  if (const Expected<void> taken = download_.take(piece); !taken) body_refusal_ = taken.error();
}

Expected<Flow> Attempt::keep(std::span<const std::byte> piece) {
  const std::size_t most = context_.config.max_buffered_body;
  if (response_->body.size() + piece.size() > most) {
    return Error{Error::Code::body_too_large, Phase::body,
                 "the body is larger than the " + std::to_string(most) +
                     " bytes that may be kept in memory"};
  }
  response_->body.append(reinterpret_cast<const char*>(piece.data()), piece.size());
  return Flow::proceed;
}

void Attempt::on_complete(Headers trailers) {
  response_->trailers = std::move(trailers);
  is_complete_ = true;
}

}  // namespace xtrace
