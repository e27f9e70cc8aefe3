#include "support/scripted_connection.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <sys/socket.h>

namespace xtrace::testing {

ScriptedConnection::ScriptedConnection(Loop& loop, Pollable socket, Script script)
    : script_(std::move(script)), timer_(loop), next_turn_(loop), socket_(std::move(socket)) {
  socket_.set_owner(this);
  watch();
  next_turn_.call([this] { play(); });
}

void ScriptedConnection::play() {
  while (step_ < script_.steps().size()) {
    const Step& step = script_.steps()[step_];
    if (!is_open && step.kind != Step::Kind::expect_end) break;
    if (!take(step)) break;
    ++step_;
    sent_ = 0;
  }
  is_done = step_ == script_.steps().size();
  if (is_open) watch();
}

bool ScriptedConnection::take(const Step& step) {
  switch (step.kind) {
    case Step::Kind::expect_text: {
      const auto at = received.find(step.text, taken_);
      if (at == std::string::npos) return false;
      return take_text(at + step.text.size());
    }
    case Step::Kind::expect_bytes:
      if (received.size() - taken_ < step.bytes) return false;
      return take_text(taken_ + step.bytes);
    case Step::Kind::expect_end:
      return peer_ended;
    case Step::Kind::send:
    case Step::Kind::send_split:
      return send_on(step);
    case Step::Kind::reply:
      return reply_on(step);
    case Step::Kind::wait:
      return wait_on(step);
    case Step::Kind::turn:
      return turn_on();
    case Step::Kind::stop_reading:
      is_reading_ = false;
      return true;
    case Step::Kind::read_again:
      is_reading_ = true;
      return true;
    case Step::Kind::half_close:
      shutdown(socket_.descriptor(), SHUT_WR);
      return true;
    case Step::Kind::close:
      close_socket();
      return true;
    case Step::Kind::reset:
      reset();
      return true;
    case Step::Kind::silent:
      return false;
    case Step::Kind::run:
      step.task();
      return true;
  }
  return false;
}

bool ScriptedConnection::take_text(std::size_t end) {
  took_from_ = std::exchange(taken_, end);
  return true;
}

bool ScriptedConnection::reply_on(const Step& step) {
  if (sent_ == 0)
    reply_ = step.answer(std::string_view(received).substr(took_from_, taken_ - took_from_));
  return send_rest(reply_, false);
}

bool ScriptedConnection::send_on(const Step& step) {
  return send_rest(step.text, step.kind == Step::Kind::send_split);
}

bool ScriptedConnection::send_rest(const std::string& text, bool split) {
  if (next_turn_.is_pending()) return false;
  while (sent_ < text.size()) {
    const std::size_t rest = text.size() - sent_;
    const ssize_t count =
        ::send(socket_.descriptor(), text.data() + sent_, split ? 1 : rest, MSG_NOSIGNAL);
    if (count < 0) {
      is_blocked_ = errno == EAGAIN;
      if (!is_blocked_) close_socket();
      return false;
    }
    sent_ += static_cast<std::size_t>(count);
    if (split && sent_ < text.size()) {
      next_turn_.call([this] { play(); });
      return false;
    }
  }
  return true;
}

bool ScriptedConnection::wait_on(const Step& step) {
  if (is_waiting_) {
    if (timer_.is_armed()) return false;
    is_waiting_ = false;
    return true;
  }
  is_waiting_ = true;
  timer_.arm(step.delay, [this] { play(); });
  return false;
}

// Whoever sends while the loop serves descriptors sends again, a turn later, before the loop has
// looked at the peer's: so two turns.
bool ScriptedConnection::turn_on() {
  constexpr int kTurns = 2;
  if (next_turn_.is_pending()) return false;
  if (turns_left_ == 1) {
    turns_left_ = 0;
    return true;
  }
  turns_left_ = turns_left_ == 0 ? kTurns : turns_left_ - 1;
  next_turn_.call([this] { play(); });
  return false;
}

void ScriptedConnection::on_event(uv_poll_t* handle, int status, int events) noexcept {
  auto* self = owner_of<ScriptedConnection>(handle);
  if (self == nullptr) return;
  if (status < 0) self->socket_.forget();
  if (status < 0 || (events & UV_WRITABLE) != 0) self->is_blocked_ = false;
  if (self->is_reading_ && (status < 0 || (events & UV_READABLE) != 0)) self->receive();
  self->play();
}

void ScriptedConnection::receive() {
  std::array<char, 65536> buffer;
  const ssize_t count = recv(socket_.descriptor(), buffer.data(), buffer.size(), 0);
  if (count > 0) {
    received.append(buffer.data(), static_cast<std::size_t>(count));
  } else if (count == 0) {
    peer_ended = true;
  } else if (errno != EAGAIN && errno != EINTR) {
    peer_ended = true;
    close_socket();
  }
}

void ScriptedConnection::reset() {
  if (!is_open) return;
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket_.descriptor(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close_socket();
}

void ScriptedConnection::close_socket() {
  is_open = false;
  timer_.disarm();
  next_turn_.cancel();
  socket_ = Pollable();
}

void ScriptedConnection::watch() {
  const bool wants_data = is_reading_ && !peer_ended;
  socket_.wait_for((wants_data ? UV_READABLE : 0) | (is_blocked_ ? UV_WRITABLE : 0), on_event);
}

}  // namespace xtrace::testing
