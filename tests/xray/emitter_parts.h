#pragma once

/// What the tests of the UDP emitter share.

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <xtrace/emitter.h>

namespace xtrace::testing {

/// The sum of what documents can come to; always `stats.documents`.
inline std::uint64_t accounted(const EmitterStats& stats) {
  return stats.sent + stats.queued + stats.refused + stats.dropped_queue_full +
         stats.dropped_too_large + stats.dropped_error + stats.dropped_at_close;
}

inline std::vector<std::string> copies(std::size_t count, const std::string& text) {
  return std::vector<std::string>(count, text);
}

/// `{"n":0}`, `{"n":1}` and so on, each `padding` bytes longer.
inline std::vector<std::string> numbered(int first, int count, std::size_t padding = 0) {
  std::vector<std::string> all;
  for (int n = first; n < first + count; ++n) {
    all.push_back("{\"n\":" + std::to_string(n) + ",\"x\":\"" + std::string(padding, 'x') + "\"}");
  }
  return all;
}

inline std::string framed(const std::string& document) {
  return std::string(kDatagramHeader) + document;
}

/// Both ends of a datagram socket that, unlike loopback, says when its receiver is full.
struct UnixPair {
  int ends[2];
  UnixPair() { REQUIRE(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends) == 0); }
  UnixPair(const UnixPair&) = delete;
  UnixPair& operator=(const UnixPair&) = delete;
  /// The first belongs to the emitter.
  ~UnixPair() { ::close(ends[1]); }

  std::vector<std::string> receive_all() const {
    std::vector<std::string> all;
    std::string datagram(1U << 16U, '\0');
    while (true) {
      const ssize_t size = ::recv(ends[1], datagram.data(), datagram.size(), 0);
      if (size < 0) return all;
      all.push_back(datagram.substr(0, static_cast<std::size_t>(size)));
    }
  }
};

}  // namespace xtrace::testing
