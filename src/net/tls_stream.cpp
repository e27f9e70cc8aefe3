#include "net/tls_stream.h"

#include <utility>

#include "base/assert.h"

namespace xtrace {

namespace {

// Four records: enough for the stream below to be busy while the next are encrypted, little enough
// that a large body is never copied whole.
constexpr std::size_t kMostInFlight = 4 * tls::kMostPerRecord;

}  // namespace

TlsStream::TlsStream(Loop& loop, std::unique_ptr<Stream> inner, std::unique_ptr<TlsEngine> engine)
    : engine_(std::move(engine)), inner_(std::move(inner)), next_turn_(loop) {}

TlsStream::~TlsStream() {
  if (is_cut_ || is_inner_writing_ || inner_failure_ || write_failure_) return;
  if (state_ == State::open && !is_finished_) engine_->say_goodbye();
  in_flight_.swap(engine_->output());
  if (!in_flight_.empty()) inner_->write(in_flight_, [](const Expected<void>&) {});
}

void TlsStream::shake_hands(Callback<void(Expected<TlsInfo>)> on_shaken) {
  on_shaken_ = std::move(on_shaken);
  if (auto begun = engine_->shake_hands(); !begun) {
    early_failure_ = std::move(begun).error();
    call_later();
    return;
  }
  inner_->start_reading(
      [this](const Expected<std::span<const std::byte>>& piece) { return on_inner_data(piece); });
  flush();
}

Flow TlsStream::on_inner_data(const Expected<std::span<const std::byte>>& piece) {
  const std::weak_ptr life = life_;
  if (const Error* error = piece.if_error()) {
    inner_failure_ = *error;
  } else if (piece->empty()) {
    engine_->end_input();
  } else {
    engine_->feed(*piece);
  }
  if (state_ == State::shaking) {
    advance_handshake();
  } else {
    deliver();
  }
  if (life.expired()) return Flow::pause;
  engine_->keep_input();
  is_inner_paused_ = state_ != State::shaking && (!wants_data() || engine_->has_input());
  return is_inner_paused_ ? Flow::pause : Flow::proceed;
}

void TlsStream::advance_handshake() {
  if (inner_failure_) return end_handshake(tls::handshake_cut(engine_->name(), *inner_failure_));
  const auto is_done = engine_->shake_hands();
  flush();
  if (const Error* error = is_done.if_error()) return end_handshake(*error);
  if (*is_done) end_handshake(engine_->conclude());
}

void TlsStream::end_handshake(Expected<TlsInfo> result) {
  state_ = result ? State::open : State::failed;
  auto on_shaken = std::move(on_shaken_);
  on_shaken(std::move(result));
}

void TlsStream::start_reading(Callback<Flow(Expected<std::span<const std::byte>>)> on_data) {
  on_data_ = std::move(on_data);
  is_reading_ = true;
  call_later();
}

void TlsStream::resume() {
  if (is_reading_) return;
  is_reading_ = true;
  call_later();
}

void TlsStream::deliver() {
  if (!wants_data()) return;
  const std::weak_ptr life = life_;
  tls::PlainBuffer plain;
  while (wants_data()) {
    const auto piece = engine_->read(plain.bytes());
    flush();
    if (const Error* error = piece.if_error()) {
      tell_reader(*error);
    } else if (piece->state == TlsEngine::ReadState::starved) {
      if (!inner_failure_) return;
      tell_reader(*inner_failure_);
    } else {
      tell_reader(std::span<const std::byte>(plain.bytes()).first(piece->size));
    }
    if (life.expired()) return;
  }
}

void TlsStream::tell_reader(Expected<std::span<const std::byte>> piece) {
  const std::weak_ptr life = life_;
  const bool is_last = !piece || piece->empty();
  auto on_data = std::move(on_data_);
  is_reading_ = false;  // so that a `resume` of the reader itself shows
  const Flow flow = on_data(std::move(piece));
  if (life.expired() || on_data_) return;
  if (is_last) {
    is_reading_ = false;
    return;
  }
  on_data_ = std::move(on_data);
  if (flow == Flow::proceed) is_reading_ = true;
}

void TlsStream::write(std::span<const std::byte> data, Callback<void(Expected<void>)> on_written) {
  XTRACE_ASSERT(!on_written_);
  on_written_ = std::move(on_written);
  unencrypted_ = data;
  plain_taken_ = 0;
  encrypt_more();
  if (!is_inner_writing_) call_later();
}

void TlsStream::settle_write() {
  if (!on_written_ || write_failure_) return;
  inner_->settle_write();
}

void TlsStream::finish_writing() {
  if (on_written_ || write_failure_ || state_ != State::open) return;
  if (std::exchange(is_finished_, true)) return;
  engine_->say_goodbye();
  flush();
}

void TlsStream::end_abruptly() {
  is_cut_ = true;
  inner_->end_abruptly();
}

std::size_t TlsStream::bytes_accepted() const {
  if (plain_in_flight_ == 0) return plain_taken_;
  return plain_taken_ + plain_in_flight_ * inner_->bytes_accepted() / in_flight_.size();
}

void TlsStream::encrypt_more() {
  while (!unencrypted_.empty() && !write_failure_ && engine_->output().size() < kMostInFlight) {
    const auto taken = engine_->encrypt(unencrypted_);
    if (const Error* error = taken.if_error()) {
      write_failure_ = *error;
    } else {
      plain_queued_ += *taken;
      unencrypted_ = unencrypted_.subspan(*taken);
    }
  }
  flush();
}

void TlsStream::flush() {
  if (is_inner_writing_ || write_failure_ || engine_->output().empty()) return;
  in_flight_.swap(engine_->output());
  plain_in_flight_ = std::exchange(plain_queued_, 0);
  is_inner_writing_ = true;
  inner_->write(in_flight_, [this](const Expected<void>& result) { on_inner_written(result); });
}

void TlsStream::on_inner_written(const Expected<void>& result) {
  is_inner_writing_ = false;
  if (const Error* error = result.if_error()) write_failure_ = *error;
  if (write_failure_ && state_ == State::shaking) {
    return end_handshake(tls::handshake_cut(engine_->name(), *write_failure_));
  }
  if (!write_failure_) {
    plain_taken_ += std::exchange(plain_in_flight_, 0);
    tls::give_back(in_flight_);
    encrypt_more();
  }
  if (is_finished_ && !is_inner_writing_) inner_->finish_writing();
  tell_writer_if_done();
}

void TlsStream::tell_writer_if_done() {
  if (!on_written_ || is_inner_writing_) return;
  const bool is_all_taken = unencrypted_.empty() && plain_queued_ == 0;
  if (!write_failure_ && !is_all_taken) return;
  unencrypted_ = {};
  auto on_written = std::move(on_written_);
  on_written(write_failure_ ? Expected<void>(*write_failure_) : Expected<void>());
}

void TlsStream::call_later() {
  if (!next_turn_.is_pending()) next_turn_.call([this] { on_next_turn(); });
}

void TlsStream::on_next_turn() {
  if (early_failure_) return end_handshake(*early_failure_);
  const std::weak_ptr life = life_;
  tell_writer_if_done();
  if (life.expired()) return;
  deliver();
  if (life.expired() || !wants_data() || !is_inner_paused_) return;
  is_inner_paused_ = false;
  inner_->resume();
}

}  // namespace xtrace
