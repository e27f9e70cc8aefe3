#include "instrument/dogstatsd_socket.h"

#include <cerrno>
#include <string>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

#include "base/system_reason.h"
#include "net/sockaddr.h"

namespace xtrace {

namespace {

Error failure(const Address& server, std::string_view deed, int code) {
  std::string message = "send metrics to ";
  message += server.to_string();
  message += ": ";
  message += deed;
  message += ": ";
  message += system_reason(code);
  return {Error::Code::system, Phase::none, std::move(message)};
}

}  // namespace

DogStatsdSocket::~DogStatsdSocket() {
  close();
}

void DogStatsdSocket::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

Expected<void> DogStatsdSocket::open() {
  close();
  const sockaddr_storage storage = to_sockaddr(server_);
  descriptor_ = ::socket(storage.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor_ < 0) return failure(server_, "make a socket", errno);
  const void* generic = &storage;
  if (::connect(descriptor_, static_cast<const sockaddr*>(generic), sockaddr_length(server_)) ==
      0) {
    return {};
  }
  const int code = errno;
  close();
  return failure(server_, "connect", code);
}

bool DogStatsdSocket::send(std::string_view datagram) {
  while (true) {
    if (::send(descriptor_, datagram.data(), datagram.size(), MSG_NOSIGNAL) >= 0) return true;
    // That was about the datagram before; this one was not sent, and the refusal is told once.
    if (errno == ECONNREFUSED) {
      ++refused_;
    } else if (errno != EINTR) {
      return false;
    }
  }
}

std::uint64_t DogStatsdSocket::refused() {
  int code = 0;
  socklen_t size = sizeof code;
  const bool is_told = ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &code, &size) == 0;
  if (is_told && code == ECONNREFUSED) ++refused_;
  return refused_;
}

}  // namespace xtrace
