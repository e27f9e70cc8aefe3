// The daemon's part in tools/bench: udp_sink [CORE [MICROSECONDS [RECEIVE_BUFFER [NAP]]]]
//
// Binds a port of 127.0.0.1 and prints it. Receives, from the first datagram on without sleeping,
// and spends so many microseconds on each. With a NAP it sleeps so many microseconds whenever there
// is nothing: a sender never has to wake it, and a server on its core loses little. For a line on
// stdin it waits until nothing comes any more and prints what came since the last one: datagrams,
// nanoseconds of the steady clock when the first and the last were done with, nanoseconds spent on
// them. Then it sleeps until there is more. Ends with its stdin.

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "measure.h"

namespace xtrace::bench {

namespace {

constexpr std::size_t kBatch = 64;
constexpr std::size_t kLargest = 1U << 16U;
constexpr std::int64_t kQuiet = 30'000'000;  // nanoseconds

class Sink {
 public:
  Sink(std::int64_t cost, int buffer, std::int64_t nap);

  unsigned port() const { return port_; }
  void run();

 private:
  std::size_t receive();
  void count(std::size_t datagrams, std::int64_t began);
  bool rest(unsigned turn);
  void report();

  int descriptor_ = -1;
  unsigned port_ = 0;
  std::int64_t cost_;  // nanoseconds a datagram
  timespec nap_;
  std::size_t at_once_;
  std::vector<char> memory_{};
  std::array<iovec, kBatch> parts_{};
  std::array<mmsghdr, kBatch> messages_{};
  std::size_t received_ = 0;
  std::int64_t first_ = 0;
  std::int64_t last_ = 0;
  std::int64_t busy_ = 0;
  std::int64_t free_ = 0;  // when it is done with all that it has begun
};

Sink::Sink(std::int64_t cost, int buffer, std::int64_t nap)
    : descriptor_(::socket(AF_INET, SOCK_DGRAM, 0)),
      cost_(cost),
      nap_{.tv_sec = 0, .tv_nsec = nap},
      at_once_(cost > 0 ? 1 : kBatch) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  void* generic = &address;
  socklen_t size = sizeof address;
  require(::bind(descriptor_, static_cast<sockaddr*>(generic), size) == 0, "bind");
  require(::getsockname(descriptor_, static_cast<sockaddr*>(generic), &size) == 0, "getsockname");
  port_ = ntohs(address.sin_port);
  if (buffer > 0) ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  memory_.resize(at_once_ * kLargest);
  for (std::size_t i = 0; i < at_once_; ++i) {
    parts_[i] = {memory_.data() + i * kLargest, kLargest};
    messages_[i].msg_hdr.msg_iov = &parts_[i];
    messages_[i].msg_hdr.msg_iovlen = 1;
  }
}

void Sink::run() {
  std::array<char, 64> line{};
  for (unsigned turn = 0;; ++turn) {
    const std::int64_t began = steady_nanoseconds();
    if (const std::size_t datagrams = receive(); datagrams > 0) {
      count(datagrams, began);
      continue;
    }
    free_ = began;
    if (!rest(turn)) continue;
    if (::read(STDIN_FILENO, line.data(), line.size()) <= 0) return;
    report();
  }
}

/// Until there may be something to receive; true where there is something to read.
bool Sink::rest(unsigned turn) {
  constexpr unsigned kLookEvery = 256;
  std::array<pollfd, 2> waiting{};
  waiting[0] = {.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  waiting[1] = {.fd = descriptor_, .events = POLLIN, .revents = 0};
  if (nap_.tv_nsec > 0) {
    ::ppoll(waiting.data(), 1, &nap_, nullptr);
  } else if (received_ == 0) {
    ::poll(waiting.data(), waiting.size(), -1);
  } else if (turn % kLookEvery == 0) {
    ::poll(waiting.data(), waiting.size(), 0);
  }
  return waiting[0].revents != 0;
}

std::size_t Sink::receive() {
  const int count = ::recvmmsg(descriptor_, messages_.data(), static_cast<unsigned>(at_once_),
                               MSG_DONTWAIT, nullptr);
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

// One that lost its core for a while catches up, as a program with several threads does.
void Sink::count(std::size_t datagrams, std::int64_t began) {
  free_ += cost_;
  do {
    last_ = steady_nanoseconds();
  } while (last_ < free_);
  if (received_ == 0) first_ = last_;
  received_ += datagrams;
  busy_ += last_ - began;
}

void Sink::report() {
  std::int64_t quiet_since = steady_nanoseconds();
  while (steady_nanoseconds() < quiet_since + kQuiet) {
    const std::int64_t began = steady_nanoseconds();
    const std::size_t datagrams = receive();
    if (datagrams == 0) {
      free_ = began;
      continue;
    }
    count(datagrams, began);
    quiet_since = last_;
  }
  std::printf("%zu %lld %lld %lld\n", received_, static_cast<long long>(first_),
              static_cast<long long>(last_), static_cast<long long>(busy_));
  std::fflush(stdout);
  received_ = 0;
  busy_ = 0;
}

}  // namespace

}  // namespace xtrace::bench

int main(int count, char** arguments) {
  const auto number = [count, arguments](int at) {
    return at < count ? std::strtol(arguments[at], nullptr, 10) : 0;
  };
  if (count > 1) xtrace::bench::stay_on_core(static_cast<unsigned>(number(1)));
  xtrace::bench::Sink sink(number(2) * 1000, static_cast<int>(number(3)), number(4) * 1000);
  std::printf("%u\n", sink.port());
  std::fflush(stdout);
  sink.run();
}
