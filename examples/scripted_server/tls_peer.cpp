#include "scripted_server/tls_peer.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <poll.h>
#include <sys/socket.h>

#include "scripted_server/tls_library.h"

namespace xtrace::examples {

struct TlsPeer::Library {
  tls::SslContext ssl;

  static int send(void* peer, const unsigned char* bytes, std::size_t size) {
    const int socket = static_cast<TlsPeer*>(peer)->socket_.get();
    const ssize_t sent = ::send(socket, bytes, size, MSG_NOSIGNAL);
    if (sent >= 0) return static_cast<int>(sent);
    return is_for_later() ? MBEDTLS_ERR_SSL_WANT_WRITE : MBEDTLS_ERR_SSL_CONN_EOF;
  }

  static int receive(void* peer, unsigned char* into, std::size_t size) {
    const int socket = static_cast<TlsPeer*>(peer)->socket_.get();
    const ssize_t count = ::recv(socket, into, size, 0);
    if (count >= 0) return static_cast<int>(count);
    return is_for_later() ? MBEDTLS_ERR_SSL_WANT_READ : MBEDTLS_ERR_SSL_CONN_EOF;
  }

  static bool is_for_later() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }
};

TlsPeer::TlsPeer(Descriptor socket, const TlsIdentity& identity, int ending)
    : socket_(std::move(socket)), ending_(ending), library_(std::make_unique<Library>()) {
  // Where this fails, so does the handshake.
  static_cast<void>(mbedtls_ssl_setup(library_->ssl.get(), identity.library_->config.get()));
  mbedtls_ssl_set_bio(library_->ssl.get(), this, Library::send, Library::receive, nullptr);
}

TlsPeer::~TlsPeer() = default;

bool TlsPeer::shake_hands() {
  return finish([this] { return mbedtls_ssl_handshake(library_->ssl.get()); }) == 0;
}

std::optional<std::string> TlsPeer::read_head() {
  constexpr std::string_view kEnd = "\r\n\r\n";
  constexpr std::size_t kMost = 65536;
  std::array<unsigned char, 4096> piece{};
  while (unread_.size() < kMost) {
    const std::size_t end = unread_.find(kEnd);
    if (end != std::string::npos) {
      std::string head = unread_.substr(0, end + kEnd.size());
      unread_.erase(0, head.size());
      return head;
    }
    const int count = finish([this, &piece] {
      return mbedtls_ssl_read(library_->ssl.get(), piece.data(), piece.size());
    });
    if (count <= 0) return std::nullopt;
    unread_.append(reinterpret_cast<const char*>(piece.data()), static_cast<std::size_t>(count));
  }
  return std::nullopt;
}

bool TlsPeer::write(std::string_view text) {
  while (!text.empty()) {
    const int count = finish([this, text] {
      return mbedtls_ssl_write(library_->ssl.get(),
                               reinterpret_cast<const unsigned char*>(text.data()), text.size());
    });
    if (count <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool TlsPeer::pause(std::chrono::microseconds time) {
  // A client that waits for its answer sends nothing but word that it no longer does.
  return time.count() <= 0 || wait_for(POLLIN, time) == Awaited::late;
}

template <class Step>
int TlsPeer::finish(Step step) {
  while (true) {
    const int code = step();
    if (code != MBEDTLS_ERR_SSL_WANT_READ && code != MBEDTLS_ERR_SSL_WANT_WRITE) return code;
    const short events = code == MBEDTLS_ERR_SSL_WANT_READ ? POLLIN : POLLOUT;
    if (wait_for(events, std::nullopt) != Awaited::ready) return MBEDTLS_ERR_SSL_CONN_EOF;
  }
}

TlsPeer::Awaited TlsPeer::wait_for(short events,
                                   std::optional<std::chrono::microseconds> limit) const {
  const auto until = std::chrono::steady_clock::now() + limit.value_or(std::chrono::microseconds());
  while (true) {
    timespec left{};
    if (limit) {
      const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(
          std::max(until - std::chrono::steady_clock::now(), {}));
      constexpr std::int64_t kSecond = 1'000'000'000;
      left = {.tv_sec = rest.count() / kSecond, .tv_nsec = rest.count() % kSecond};
    }
    std::array<pollfd, 2> watched = {pollfd{.fd = socket_.get(), .events = events, .revents = 0},
                                     pollfd{.fd = ending_, .events = POLLIN, .revents = 0}};
    const int count = ppoll(watched.data(), watched.size(), limit ? &left : nullptr, nullptr);
    if (count == 0) return Awaited::late;
    if (count < 0 && errno != EINTR) return Awaited::over;
    if (count < 0) continue;
    return watched[1].revents != 0 ? Awaited::over : Awaited::ready;
  }
}

}  // namespace xtrace::examples
