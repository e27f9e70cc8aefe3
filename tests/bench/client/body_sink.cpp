// Takes uploads for tools/bench: body_sink [CORE]
//
// Binds a port of 127.0.0.1 and prints it. One connection after the other, it answers each request
// with 204 as soon as its body is over. The body's bytes are dropped in the kernel: a server that
// costs nearly nothing leaves the client as what is measured. Ends with its stdin.

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "measure.h"

namespace xtrace::bench {

namespace {

constexpr std::size_t kAtOnce = 1U << 20U;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::string_view kAnswer = "HTTP/1.1 204 No Content\r\n\r\n";

int listen_on(unsigned& port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  void* generic = &address;
  socklen_t size = sizeof address;
  require(::bind(descriptor, static_cast<sockaddr*>(generic), size) == 0, "bind");
  require(::listen(descriptor, 16) == 0, "listen");
  require(::getsockname(descriptor, static_cast<sockaddr*>(generic), &size) == 0, "getsockname");
  port = ntohs(address.sin_port);
  return descriptor;
}

class Guest {
 public:
  explicit Guest(int descriptor) : descriptor_(descriptor) {}
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;
  ~Guest() { ::close(descriptor_); }

  /// One request; false where the connection is over.
  bool serve() {
    if (!read_head()) return false;
    const std::size_t length = length_of_body();
    if (head_.find("100-continue") != std::string::npos) say(kContinue);
    if (!drop(length - std::min(length, beyond_))) return false;
    say(kAnswer);
    return true;
  }

 private:
  bool read_head() {
    std::array<char, 4096> piece{};
    head_.clear();
    while (true) {
      const ssize_t size = ::recv(descriptor_, piece.data(), piece.size(), 0);
      if (size <= 0) return false;
      head_.append(piece.data(), static_cast<std::size_t>(size));
      const std::size_t end = head_.find("\r\n\r\n");
      if (end == std::string::npos) continue;
      beyond_ = head_.size() - end - 4;
      head_.resize(end);
      return true;
    }
  }

  std::size_t length_of_body() const {
    constexpr std::string_view kField = "\r\nContent-Length:";
    const std::size_t at = head_.find(kField);
    require(at != std::string::npos, "find the Content-Length");
    return std::strtoul(head_.c_str() + at + kField.size(), nullptr, 10);
  }

  bool drop(std::size_t left) {
    while (left > 0) {
      const ssize_t size =
          ::recv(descriptor_, nullptr, std::min(left, kAtOnce), MSG_TRUNC | MSG_WAITALL);
      if (size <= 0) return false;
      left -= static_cast<std::size_t>(size);
    }
    return true;
  }

  void say(std::string_view text) const {
    const auto size = static_cast<ssize_t>(text.size());
    require(::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL) == size, "send");
  }

  int descriptor_;
  std::string head_{};
  std::size_t beyond_ = 0;  // bytes of the body that came with the head
};

void serve_guests(int listener) {
  std::array<pollfd, 2> waiting{};
  waiting[0] = {.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  waiting[1] = {.fd = listener, .events = POLLIN, .revents = 0};
  while (true) {
    ::poll(waiting.data(), waiting.size(), -1);
    if (waiting[0].revents != 0) return;
    Guest guest(::accept(listener, nullptr, nullptr));
    while (guest.serve()) {
    }
  }
}

}  // namespace

}  // namespace xtrace::bench

int main(int count, char** arguments) {
  using namespace xtrace::bench;
  if (count > 1) stay_on_core(static_cast<unsigned>(std::strtoul(arguments[1], nullptr, 10)));
  unsigned port = 0;
  const int listener = listen_on(port);
  std::printf("%u\n", port);
  std::fflush(stdout);
  serve_guests(listener);
}
