#pragma once

/// A UDP socket on loopback that plays the DogStatsD server, and a parser for what it gets, as
/// strict as the protocol's text: what a lenient server might forgive fails the test.

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <xtrace/address.h>

#include "base/utf8.h"

namespace xtrace::testing {

struct StatsdLine {
  std::string name;
  std::vector<double> values;
  char type = 0;
  std::vector<std::pair<std::string, std::string>> tags;

  friend bool operator==(const StatsdLine&, const StatsdLine&) = default;
};

inline std::vector<std::string_view> split_at(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

/// A text that may stand between the separators.
inline void require_clean(std::string_view text) {
  const auto is_control = [](char letter) {
    return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f;
  };
  REQUIRE(std::none_of(text.begin(), text.end(), is_control));
  bool is_valid = true;
  while (!text.empty()) {
    const CodePoint point = decode_utf8(text);
    is_valid = is_valid && point.is_valid;
    text.remove_prefix(point.length);
  }
  REQUIRE(is_valid);
}

inline double number_in(std::string_view text) {
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  REQUIRE_MESSAGE((result.ec == std::errc{} && result.ptr == text.data() + text.size()), text);
  REQUIRE_MESSAGE(std::isfinite(value), text);
  return value;
}

/// `name:1:2|h|#key:value,key:value`, and nothing else.
inline StatsdLine statsd_line(std::string_view text) {
  INFO(text);
  require_clean(text);
  const std::vector<std::string_view> fields = split_at(text, '|');
  REQUIRE((fields.size() == 2 || fields.size() == 3));
  std::vector<std::string_view> numbers = split_at(fields[0], ':');
  REQUIRE(numbers.size() >= 2);
  StatsdLine line{.name = std::string{numbers[0]}, .values = {}, .tags = {}};
  REQUIRE_FALSE(line.name.empty());
  REQUIRE_FALSE(line.name.starts_with("_e{"));
  REQUIRE_FALSE(line.name.starts_with("_sc"));
  for (std::size_t i = 1; i < numbers.size(); ++i) line.values.push_back(number_in(numbers[i]));
  REQUIRE(fields[1].size() == 1);
  line.type = fields[1][0];
  REQUIRE((line.type == 'h' || line.type == 'c' || line.type == 'g'));
  if (fields.size() == 2) return line;
  REQUIRE(fields[2].starts_with('#'));
  for (const std::string_view tag : split_at(fields[2].substr(1), ',')) {
    const std::size_t colon = tag.find(':');
    REQUIRE((colon != std::string_view::npos && colon > 0));
    line.tags.emplace_back(tag.substr(0, colon), tag.substr(colon + 1));
  }
  return line;
}

inline std::vector<StatsdLine> statsd_lines(std::string_view datagram) {
  REQUIRE_FALSE(datagram.empty());
  std::vector<StatsdLine> lines;
  for (const std::string_view line : split_at(datagram, '\n')) lines.push_back(statsd_line(line));
  return lines;
}

class StatsdServer {
 public:
  /// Port 0 takes any free one.
  explicit StatsdServer(std::uint16_t port = 0)
      : descriptor_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    void* generic = &address;
    socklen_t size = sizeof address;
    REQUIRE(::bind(descriptor_, static_cast<sockaddr*>(generic), size) == 0);
    REQUIRE(::getsockname(descriptor_, static_cast<sockaddr*>(generic), &size) == 0);
    port_ = ntohs(address.sin_port);
    const int room = 8 << 20;
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  }
  StatsdServer(const StatsdServer&) = delete;
  StatsdServer& operator=(const StatsdServer&) = delete;
  ~StatsdServer() { close(); }

  Address address() const { return Address::from_ipv4({127, 0, 0, 1}, port_); }
  /// From here on whatever is sent to it comes back.
  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }

  /// What arrived since the last call; on loopback a datagram is there when `send` has returned.
  std::vector<std::string> datagrams() {
    std::vector<std::string> all;
    while (true) {
      std::string datagram(1U << 16U, '\0');
      const ssize_t size = ::recv(descriptor_, datagram.data(), datagram.size(), MSG_DONTWAIT);
      if (size < 0) return all;
      datagram.resize(static_cast<std::size_t>(size));
      all.push_back(std::move(datagram));
    }
  }
  std::vector<StatsdLine> lines() {
    std::vector<StatsdLine> all;
    for (const std::string& datagram : datagrams()) {
      for (StatsdLine& line : statsd_lines(datagram)) all.push_back(std::move(line));
    }
    return all;
  }

 private:
  int descriptor_;
  std::uint16_t port_ = 0;
};

}  // namespace xtrace::testing
