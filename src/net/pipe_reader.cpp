#include "net/pipe_reader.h"

#include <cerrno>
#include <span>
#include <utility>

#include <poll.h>
#include <sys/uio.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/epoll.h>
#endif

#include "base/assert.h"
#include "net/system_error.h"

namespace xtrace {

namespace {

// One read that does not wait. Whoever shares the pipe may empty it between poll(2) and read(2),
// so where the system can be told not to wait, it is.
ssize_t read_ready(int descriptor, std::span<std::byte> into) {
  pollfd wanted{.fd = descriptor, .events = POLLIN, .revents = 0};
  if (poll(&wanted, 1, 0) == 0) {
    errno = EAGAIN;
    return -1;
  }
#ifdef RWF_NOWAIT
  const iovec piece{.iov_base = into.data(), .iov_len = into.size()};
  const ssize_t count = preadv2(descriptor, &piece, 1, -1, RWF_NOWAIT);
  if (count >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS)) return count;
#endif
  return ::read(descriptor, into.data(), into.size());
}

}  // namespace

std::optional<Pollable> PipeReader::watch([[maybe_unused]] Loop& loop,
                                          [[maybe_unused]] const Descriptor& pipe) {
#ifdef __linux__
  Descriptor epoll(epoll_create1(EPOLL_CLOEXEC));
  epoll_event wanted{.events = EPOLLIN, .data = {}};
  if (!epoll.is_open() || epoll_ctl(epoll.get(), EPOLL_CTL_ADD, pipe.get(), &wanted) != 0)
    return std::nullopt;
  Expected<Pollable> watched = Pollable::watch(loop, std::move(epoll));
  if (watched) return std::move(watched).value();
#endif
  return std::nullopt;
}

PipeReader::PipeReader(Descriptor pipe, Pollable readiness, std::string name)
    : pipe_(std::move(pipe)),
      readiness_(std::move(readiness)),
      name_(std::move(name)),
      bytes_(std::make_unique<std::array<std::byte, kCapacity>>()) {
  readiness_.set_owner(this);
}

PipeReader::~PipeReader() = default;

void PipeReader::read(Callback<void(Expected<std::span<const std::byte>>)> on_read) {
  XTRACE_ASSERT(!on_read_);
  on_read_ = std::move(on_read);
  if (!read_now()) readiness_.wait_for(UV_READABLE, on_event);
}

void PipeReader::on_event(uv_poll_t* handle, int status, int /*events*/) noexcept {
  auto* self = owner_of<PipeReader>(handle);
  if (self == nullptr) return;
  if (status < 0) self->readiness_.forget();
  self->readiness_.wait_for(0, on_event);
  if (!self->read_now()) self->readiness_.wait_for(UV_READABLE, on_event);
}

bool PipeReader::read_now() {
  const ssize_t count = read_ready(pipe_.get(), *bytes_);
  if (count < 0 && is_temporary(errno)) return false;
  auto on_read = std::move(on_read_);
  if (count < 0) {
    on_read(Error{Error::Code::body_source_failed, Phase::request,
                  system_message("read", name_, errno)});
  } else {
    on_read(std::span<const std::byte>(*bytes_).first(static_cast<std::size_t>(count)));
  }
  return true;  // `this` may be gone
}

}  // namespace xtrace
