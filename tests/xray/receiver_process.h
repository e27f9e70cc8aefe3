#pragma once

/// A daemon in a process of its own, which can be killed with what is in its socket's buffer.

#include <csignal>
#include <cstdio>
#include <cstring>
#include <set>
#include <string>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <xtrace/daemon_address.h>

namespace xtrace::testing {

/// Receives documents as `numbered` makes them and hands their numbers on before it reads the next.
class ReceiverProcess {
 public:
  explicit ReceiverProcess(std::uint16_t port = 0) {
    const int descriptor = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    void* generic = &address;
    socklen_t size = sizeof address;
    REQUIRE(::bind(descriptor, static_cast<sockaddr*>(generic), size) == 0);
    REQUIRE(::getsockname(descriptor, static_cast<sockaddr*>(generic), &size) == 0);
    port_ = ntohs(address.sin_port);
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    process_ = ::fork();
    REQUIRE(process_ >= 0);
    if (process_ == 0) receive(descriptor, ends[1]);
    ::close(descriptor);
    ::close(ends[1]);
    numbers_ = ends[0];
  }
  ReceiverProcess(const ReceiverProcess&) = delete;
  ReceiverProcess& operator=(const ReceiverProcess&) = delete;
  ~ReceiverProcess() {
    kill();
    ::close(numbers_);
  }

  DaemonEndpoint endpoint() const { return {.host = "127.0.0.1", .port = port_}; }

  /// Waits for the next number.
  int next() {
    int number = -1;
    REQUIRE(::read(numbers_, &number, sizeof number) == sizeof number);
    return number;
  }
  void kill() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
  }
  /// The numbers that are left, of one that was killed.
  void collect(std::multiset<int>& into) const {
    int number = -1;
    while (::read(numbers_, &number, sizeof number) == sizeof number) into.insert(number);
  }

 private:
  [[noreturn]] static void receive(int descriptor, int numbers) {
    static char datagram[1U << 16U];
    while (true) {
      const ssize_t size = ::recv(descriptor, datagram, sizeof datagram - 1, 0);
      if (size < 0) ::_exit(1);
      datagram[size] = '\0';
      int number = -1;
      const char* const line_end = std::strchr(datagram, '\n');
      if (line_end == nullptr || std::sscanf(line_end, "\n{\"n\":%d", &number) != 1) ::_exit(2);
      if (::write(numbers, &number, sizeof number) != sizeof number) ::_exit(3);
    }
  }

  std::uint16_t port_ = 0;
  pid_t process_ = 0;
  int numbers_ = -1;
};

}  // namespace xtrace::testing
