#include "http/server_connection.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "http/server_core.h"
#include "loop/timer.h"

namespace xtrace {

namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
// An idle connection keeps the memory of a few requests that came at once, but none of bodies.
constexpr std::size_t kMostPendingKept = std::size_t{4} * 1024;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

void drop_if_large(std::string& memory) {
  if (memory.capacity() > kMostPendingKept) std::string().swap(memory);
}

Error client_left(std::string_view when) {
  return {Error::Code::peer_left, Phase::none,
          "the client closed the connection " + std::string(when)};
}

RequestLimits limits_of(const HttpServerLimits& limits) {
  return {.head_bytes = limits.head_bytes, .body_bytes = limits.body_bytes};
}

}  // namespace

ServerConnection::ServerConnection(ServerCore& core, std::unique_ptr<Stream> accepted)
    : core_(core),
      accepted_(std::move(accepted)),
      parser_(limits_of(core.config().limits), *this),
      exchange_(*this),
      next_turn_(core.loop()) {}

ServerConnection::~ServerConnection() = default;

void ServerConnection::start() {
  end_limit(core_.config().limits.head);
  if (!is_encrypted()) return begin_serving(std::move(accepted_));
  handshake_ = accept_tls(core_.loop(), core_.config().tls, std::move(accepted_),
                          [this](Expected<TlsSession> session) {
                            if (session) return begin_serving(std::move(session->stream));
                            ++core_.counts().tls_failed;
                            break_off({});
                          });
}

void ServerConnection::begin_serving(std::unique_ptr<Stream> stream) {
  stream_ = std::move(stream);
  state_ = State::between;
  began_ = tick_now();
  stream_->start_reading(
      [this](const Expected<std::span<const std::byte>>& data) { return on_data(data); });
}

// -- bytes in -------------------------------------------------------------------------------------

Flow ServerConnection::on_data(const Expected<std::span<const std::byte>>& data) {
  const Life::Watch watch(life_);
  if (const Error* error = data.if_error()) {
    on_peer_end(is_tls_truncation(*error) ? nullptr : error);
  } else if (data->empty()) {
    on_peer_end(nullptr);
  } else {
    advance(*data);
  }
  if (watch.is_over()) return Flow::pause;
  is_paused_ = !pending_.empty() || has_peer_ended_;
  return is_paused_ ? Flow::pause : Flow::proceed;
}

// A client may end its side behind its request and still wait for the answer.
void ServerConnection::on_peer_end(const Error* error) {
  has_peer_ended_ = true;
  is_last_ = true;
  if (state_ != State::serving) return break_off({});
  if (error != nullptr) return break_off(client_left("before it was answered"));
  if (!is_request_complete_) break_off(client_left("in the middle of its request"));
}

// Parses, and does what that leads to, until nothing more can be done with these bytes.
void ServerConnection::advance(std::span<const std::byte> bytes) {
  const Life::Watch watch(life_);
  is_advancing_ = true;
  while (true) {
    if (state_ == State::lingering || is_refused_) bytes = {};
    if (exchange_.wants_body() && piece_.empty()) parser_.proceed();
    if (!bytes.empty()) {
      note_first_byte();
      bytes = bytes.subspan(parser_.feed(bytes));
    }
    if (!has_news()) break;
    has_more_ = !bytes.empty();
    take_step();
    if (watch.is_over()) return;
  }
  is_advancing_ = has_more_ = false;
  pending_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void ServerConnection::note_first_byte() {
  if (state_ != State::between || parser_.has_begun()) return;
  began_ = tick_now();
  unlink();
  if (!is_first_) limit_ = began_ + core_.config().limits.head;
}

bool ServerConnection::has_news() const {
  if (fresh_head_ != nullptr || !piece_.empty()) return true;
  if (parser_.refusal() && !is_refused_) return true;
  if (state_ == State::draining) return is_request_complete_ || has_drained_enough();
  return is_request_complete_ && exchange_.wants_body();
}

void ServerConnection::take_step() {
  const Life::Watch watch(life_);
  if (fresh_head_ != nullptr) {
    begin_exchange();
  } else if (!piece_.empty()) {
    exchange_.give_body(std::exchange(piece_, {}));
  } else if (parser_.refusal() && !is_refused_) {
    const RequestRefusal& refusal = *parser_.refusal();
    refuse(refusal.status, refusal.error);
  } else if (state_ == State::draining) {
    after_exchange();
  } else {
    exchange_.end_body();
  }
  if (!watch.is_over()) settle();
}

void ServerConnection::begin_exchange() {
  request_ = std::exchange(fresh_head_, nullptr);
  state_ = State::serving;
  limit_.reset();
  progress_ = {began_, 0};
  if (!parser_.keeps_alive()) is_last_ = true;
  ++core_.counts().requests;
  exchange_.begin(request_, began_);
  const std::shared_ptr<const HttpHandler> handler = core_.handler();  // it may destroy the server
  (*handler)(exchange_.make_call());
}

// The kernel mostly takes an answer at once: then the exchange is over now, not a turn later.
void ServerConnection::settle() {
  if (exchange_.is_answered()) stream_->settle_write();
}

void ServerConnection::on_head(const IncomingRequest& request) {
  fresh_head_ = &request;
  if (request.has_body()) parser_.stop();
}

void ServerConnection::on_body(std::span<const std::byte> piece) {
  if (state_ == State::draining) {
    drained_ += piece.size();
    return;
  }
  piece_ = piece;
  parser_.stop();
}

void ServerConnection::refuse(int status, Error reason) {
  is_refused_ = true;
  is_last_ = true;
  unlink();
  limit_.reset();
  progress_.since = tick_now();
  ++(is_timeout(reason.code) ? core_.counts().too_slow : core_.counts().refused);
  if (state_ == State::draining) return finish();
  if (state_ == State::between) exchange_.begin(nullptr, began_);
  state_ = State::serving;
  exchange_.refuse(status, std::move(reason));
}

// -- for the exchange -----------------------------------------------------------------------------

Loop& ServerConnection::loop() const {
  return core_.loop();
}

bool ServerConnection::is_encrypted() const {
  return core_.config().tls != nullptr;
}

std::string_view ServerConnection::date() {
  return core_.date();
}

void ServerConnection::count_unanswered() {
  ++core_.counts().unanswered;
}

void ServerConnection::on_body_wanted() {
  say_continue();
  if (!is_advancing_) next_turn_.call([this] { go_on(); });
}

void ServerConnection::say_continue() {
  const IncomingRequest& request = exchange_.request();
  const bool is_wanted = exchange_.wants_body() && request.expects_continue &&
                         parser_.body_size() == 0 && pending_.empty();
  if (!is_wanted || is_request_complete_ || exchange_.is_answered()) return;
  parser_.proceed();  // judges the announced length
  if (parser_.refusal() || std::exchange(has_said_continue_, true)) return;
  is_writing_continue_ = true;
  stream_->write(bytes_of(kContinue), [this](const Expected<void>&) {
    is_writing_continue_ = false;
    if (Callback<void()> write = std::move(write_later_)) write();
  });
  stream_->settle_write();
}

void ServerConnection::when_writable(Callback<void()> write) {
  if (is_writing_continue_) {
    write_later_ = std::move(write);
  } else {
    write();
  }
}

void ServerConnection::on_answer_sent(const Expected<void>& sent) {
  const Life::Watch watch(life_);
  if (const Error* error = sent.if_error()) {
    const bool is_ours = error->code == Error::Code::body_source_failed;
    if (is_ours && exchange_.may_replace_answer()) return exchange_.fail(*error);
    return break_off(is_ours ? *error : client_left("while it was answered"));
  }
  if (!exchange_.has_failed()) ++core_.counts().answered;
  exchange_.end({}, parser_.body_size());
  if (watch.is_over()) return;
  after_exchange();
  if (!watch.is_over() && !is_advancing_) go_on();
}

// With the bytes that had to wait.
void ServerConnection::go_on() {
  const Life::Watch watch(life_);
  taken_.swap(pending_);
  advance(bytes_of(taken_));
  if (watch.is_over()) return;
  taken_.clear();
  if (pending_.empty()) {
    drop_if_large(pending_);
    drop_if_large(taken_);
  }
  if (!is_paused_ || !pending_.empty() || has_peer_ended_) return;
  is_paused_ = false;
  stream_->resume();
}

}  // namespace xtrace
