#include "net/listener.h"

#include <cerrno>
#include <chrono>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "net/sockaddr.h"
#include "net/socket.h"
#include "net/system_error.h"

namespace xtrace {

namespace {

// So that a flood of connections does not keep the loop from those that are there.
constexpr int kMostPerTurn = 64;
constexpr std::chrono::milliseconds kRetryAfter{100};

Error listen_error(const Address& address, int error_number) {
  return {Error::Code::listen_failed, Phase::none,
          system_message("listen on", address, error_number)};
}

Descriptor open_socket(const Address& address) {
  return Descriptor(
      socket(to_sockaddr(address).ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

bool bind_to(const Descriptor& socket, const Address& address) {
  const sockaddr_storage to = to_sockaddr(address);
  return bind(socket.get(), reinterpret_cast<const sockaddr*>(&to), sockaddr_length(address)) == 0;
}

bool has_file(const Address& address) {
  return address.family() == Address::Family::local && !address.path().starts_with('@');
}

// Whether the path is a socket that nobody listens on: what a process that was killed leaves.
bool is_left_behind(const Address& address) {
  const std::string path(address.path());
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return false;
  const Descriptor probe = open_socket(address);
  const sockaddr_storage to = to_sockaddr(address);
  return connect(probe.get(), reinterpret_cast<const sockaddr*>(&to), sockaddr_length(address)) !=
             0 &&
         errno == ECONNREFUSED;
}

bool bind_or_replace(const Descriptor& socket, const Address& address) {
  if (bind_to(socket, address)) return true;
  if (errno != EADDRINUSE || !has_file(address)) return false;
  if (!is_left_behind(address)) {
    errno = EADDRINUSE;
    return false;
  }
  unlink(std::string(address.path()).c_str());
  return bind_to(socket, address);
}

void switch_on(int descriptor, int level, int option) {
  const int on = 1;
  setsockopt(descriptor, level, option, &on, sizeof on);
}

Address address_of(const Descriptor& socket, const Address& asked) {
  if (asked.family() == Address::Family::local) return asked;
  sockaddr_storage storage{};
  auto* bound = reinterpret_cast<sockaddr*>(&storage);
  socklen_t length = sizeof storage;
  return getsockname(socket.get(), bound, &length) == 0 ? from_sockaddr(bound) : asked;
}

// Where accept(2) says so, the connection died in the queue, and the next may be good.
bool is_of_one_connection(int error_number) {
  switch (error_number) {
    case ECONNABORTED:
    case EINTR:
    case EPERM:  // a firewall's word
    case EPROTO:
      return true;
    default:
      return false;
  }
}

}  // namespace

Expected<std::unique_ptr<Listener>> Listener::listen(Loop& loop, const Address& address,
                                                     Events events) {
  Descriptor socket = open_socket(address);
  if (!socket.is_open()) return listen_error(address, errno);
  if (address.family() != Address::Family::local) {
    switch_on(socket.get(), SOL_SOCKET, SO_REUSEADDR);
  }
  if (!bind_or_replace(socket, address) || ::listen(socket.get(), SOMAXCONN) != 0) {
    return listen_error(address, errno);
  }
  const Address bound = address_of(socket, address);
  auto watched = Pollable::watch(loop, std::move(socket));
  if (const Error* error = watched.if_error()) return *error;
  return std::unique_ptr<Listener>(
      new Listener(loop, std::move(*watched), bound, std::move(events)));
}

Listener::Listener(Loop& loop, Pollable socket, const Address& address, Events events)
    : loop_(loop),
      address_(address),
      events_(std::move(events)),
      socket_(std::move(socket)),
      retry_(loop) {
  socket_.set_owner(this);
  socket_.wait_for(UV_READABLE, on_event);
}

Listener::~Listener() {
  if (has_file(address_)) unlink(std::string(address_.path()).c_str());
}

void Listener::resume() {
  if (!retry_.is_armed()) socket_.wait_for(UV_READABLE, on_event);
}

void Listener::pause() {
  socket_.wait_for(0, on_event);
}

void Listener::on_event(uv_poll_t* handle, int status, int) noexcept {
  auto* self = owner_of<Listener>(handle);
  if (self == nullptr) return;
  self->loop_.note_ready();
  if (status < 0) self->socket_.forget();
  self->accept_some();
}

void Listener::accept_some() {
  for (int accepted = 0; accepted < kMostPerTurn; ++accepted) {
    if (!events_.may_accept()) return pause();
    sockaddr_storage storage{};
    auto* peer = reinterpret_cast<sockaddr*>(&storage);
    socklen_t length = sizeof storage;
    Descriptor descriptor(
        accept4(socket_.descriptor(), peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (descriptor.is_open()) {
      const bool is_local = address_.family() == Address::Family::local;
      if (!hand_on(std::move(descriptor), is_local ? address_ : from_sockaddr(peer))) return;
      continue;
    }
    if (is_of_one_connection(errno)) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return;
    pause();
    retry_.arm(kRetryAfter, [this] { resume(); });
    return events_.on_failure();
  }
}

// False where the listener is gone.
bool Listener::hand_on(Descriptor descriptor, const Address& peer) {
  if (peer.family() != Address::Family::local) {
    switch_on(descriptor.get(), IPPROTO_TCP, TCP_NODELAY);
  }
  auto watched = Pollable::watch(loop_, std::move(descriptor));
  const uv_poll_t* handle = socket_.handle();
  if (!watched) {
    events_.on_failure();
    return owner_of<Listener>(handle) != nullptr;
  }
  events_.on_stream(std::make_unique<Socket>(loop_, std::move(*watched), peer));
  return owner_of<Listener>(handle) != nullptr;
}

}  // namespace xtrace
