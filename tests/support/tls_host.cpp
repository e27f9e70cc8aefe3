#include "support/tls_host.h"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include "support/listener.h"

namespace xtrace::testing {

TlsHost::TlsHost(Loop& loop, const TlsServerOptions& options) : loop_(loop), tls_(options) {
  const Address any = Address::from_ipv4({127, 0, 0, 1}, 0);
  Descriptor listener = bind_socket(any);
  REQUIRE(listen(listener.get(), 1) == 0);
  address_ = bound_address(listener, any);
  auto watched = Pollable::watch(loop, std::move(listener));
  REQUIRE(watched.has_value());
  listener_ = std::move(watched).value();
  listener_.set_owner(this);
  listener_.wait_for(UV_READABLE, on_event);
}

void TlsHost::on_event(uv_poll_t* handle, int /*status*/, int /*events*/) noexcept {
  if (auto* self = owner_of<TlsHost>(handle)) self->accept();
}

void TlsHost::accept() {
  Descriptor accepted(
      accept4(listener_.descriptor(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!accepted.is_open() || socket_) return;
  auto watched = Pollable::watch(loop_, std::move(accepted));
  REQUIRE(watched.has_value());
  socket_ = std::make_unique<Socket>(loop_, std::move(watched).value(), address_);
  socket_->start_reading(
      [this](Expected<std::span<const std::byte>> data) { return on_data(std::move(data)); });
}

Flow TlsHost::on_data(Expected<std::span<const std::byte>> data) {
  if (!data || data->empty()) return Flow::pause;
  tls_.receive({reinterpret_cast<const char*>(data->data()), data->size()});
  const bool is_enough = tls_.received.size() >= wanted_;
  if (!has_answered_ && is_enough && tls_.received.find("\r\n\r\n") != std::string::npos) {
    has_answered_ = true;
    tls_.send(answer_);
    if (end_ == End::goodbye) tls_.send_close_notify();
  }
  flush();
  return Flow::proceed;
}

void TlsHost::flush() {
  unsent_ += tls_.take_output();
  if (is_writing_) return;
  if (unsent_.empty()) {
    if (has_answered_ && end_ != End::open) socket_.reset();
    return;
  }
  writing_ = unsent_.substr(0, most_written_);
  unsent_.erase(0, writing_.size());
  is_writing_ = true;
  socket_->write(std::as_bytes(std::span(writing_)), [this](Expected<void> written) {
    is_writing_ = false;
    if (written) flush();
  });
}

}  // namespace xtrace::testing
