#include "net/socket.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <memory>
#include <utility>

#include <sys/socket.h>

#include "base/assert.h"
#include "net/sockaddr.h"
#include "net/system_error.h"

namespace xtrace {

namespace {

constexpr std::size_t kReadBytes = std::size_t{64} * 1024;
constexpr std::size_t kMostSentPerTurn = std::size_t{1024} * 1024;

// Whoever is called with a piece of it returns before the next socket of the thread reads.
std::span<std::byte> read_buffer() {
  thread_local const auto bytes = std::make_unique<std::array<std::byte, kReadBytes>>();
  return *bytes;
}

}  // namespace

Socket::Socket(Loop& loop, Pollable connected, const Address& remote)
    : loop_(loop), remote_(remote), socket_(std::move(connected)), next_turn_(loop) {
  socket_.set_owner(this);
  watch();
}

Socket::~Socket() = default;

void Socket::start_reading(Callback<Flow(Expected<std::span<const std::byte>>)> on_data) {
  on_data_ = std::move(on_data);
  is_reading_ = true;
  watch();
}

void Socket::resume() {
  is_reading_ = true;
  if (on_data_) watch();
}

void Socket::write(std::span<const std::byte> data, Callback<void(Expected<void>)> on_written) {
  XTRACE_ASSERT(!on_written_);
  unsent_ = data;
  on_written_ = std::move(on_written);
  accepted_ = 0;
  send_more();
  if (is_sending_) {
    watch();
  } else {
    next_turn_.call([this] { tell_writer(); });
  }
}

void Socket::settle_write() {
  if (!on_written_ || is_sending_ || !write_result_) return;
  next_turn_.cancel();
  tell_writer();
}

void Socket::finish_writing() {
  if (!on_written_) shutdown(socket_.descriptor(), SHUT_WR);
}

void Socket::end_abruptly() {
  const linger reset{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket_.descriptor(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
}

Address Socket::local_address() const {
  sockaddr_storage storage{};
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  socklen_t length = sizeof storage;
  if (getsockname(socket_.descriptor(), address, &length) != 0) return {};
  return from_sockaddr(address);
}

void Socket::on_event(uv_poll_t* handle, int status, int events) noexcept {
  auto* self = owner_of<Socket>(handle);
  if (self == nullptr) return;
  self->loop_.note_ready();
  if (status < 0) {
    // The socket has an error but may still hold data: whoever reads or writes next finds out.
    self->socket_.forget();
    events = UV_READABLE | UV_WRITABLE;
  }
  // Writes first: an answer must not seem older than the end of the request it answers, also where
  // the kernel took that at once and the answer is quicker than the next turn.
  if ((events & UV_WRITABLE) != 0 && self->is_sending_) self->send_more();
  if (self->on_written_ && !self->is_sending_) {
    self->next_turn_.cancel();
    self->tell_writer();
    if (owner_of<Socket>(handle) == nullptr) return;
  }
  if ((events & UV_READABLE) != 0 && self->is_reading_) self->receive();
  if (owner_of<Socket>(handle) != nullptr) self->watch();
}

void Socket::send_more() {
  const auto next = unsent_.first(std::min(unsent_.size(), kMostSentPerTurn));
  const ssize_t count = send(socket_.descriptor(), next.data(), next.size(), MSG_NOSIGNAL);
  if (count < 0 && !is_temporary(errno)) {
    write_result_ =
        Error{Error::Code::send_failed, Phase::request, system_message("write to", remote_, errno)};
    is_sending_ = false;
    return;
  }
  const auto taken = static_cast<std::size_t>(std::max<ssize_t>(count, 0));
  unsent_ = unsent_.subspan(taken);
  accepted_ += taken;
  if (taken > 0) accepted_at_ = std::chrono::steady_clock::now();
  is_sending_ = !unsent_.empty();
  if (!is_sending_) write_result_ = {};
}

void Socket::tell_writer() {
  unsent_ = {};
  auto on_written = std::move(on_written_);
  on_written(std::move(write_result_));
}

void Socket::receive() {
  const std::span<std::byte> buffer = read_buffer();
  const ssize_t count = recv(socket_.descriptor(), buffer.data(), buffer.size(), 0);
  if (count > 0) {
    tell_reader(std::span<const std::byte>(buffer.first(static_cast<std::size_t>(count))));
  } else if (count == 0) {
    tell_reader(std::span<const std::byte>());
  } else if (!is_temporary(errno)) {
    tell_reader(Error{Error::Code::receive_failed, Phase::response,
                      system_message("read from", remote_, errno)});
  }
}

void Socket::tell_reader(Expected<std::span<const std::byte>> piece) {
  const uv_poll_t* handle = socket_.handle();
  const bool is_last = !piece || piece->empty();
  auto on_data = std::move(on_data_);
  is_reading_ = false;  // so that a `resume` of the reader itself shows
  const Flow flow = on_data(std::move(piece));
  if (owner_of<Socket>(handle) == nullptr) return;
  if (on_data_) return;  // a new reader was registered meanwhile
  if (is_last) {
    is_reading_ = false;
    return;
  }
  on_data_ = std::move(on_data);
  if (flow == Flow::proceed) is_reading_ = true;
}

void Socket::watch() {
  const bool wants_data = is_reading_ && on_data_;
  socket_.wait_for((wants_data ? UV_READABLE : 0) | (is_sending_ ? UV_WRITABLE : 0), on_event);
}

}  // namespace xtrace
