#pragma once

/// A collector that listens on ports of loopback, and those who talk to it: tests of the whole.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <sys/socket.h>

#include "collect/collector.h"
#include "http/server_fixture.h"
#include "net/descriptor.h"
#include "net/sockaddr.h"
#include "support/test_loop.h"

namespace xtrace::collect::testing {

inline bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

struct Running {
  xtrace::testing::TestLoop loop;
  CollectorConfig config;
  std::vector<std::string> told;
  std::unique_ptr<Collector> collector;

  Running() {
    for (auto* address : {&config.udp, &config.tcp, &config.web})
      *address = Address::from_ipv4({127, 0, 0, 1}, 0);
    config.settle = std::chrono::milliseconds(1);
  }
  void start() {
    auto started = Collector::start(loop, config);
    REQUIRE(started.has_value());
    collector = std::move(*started);
    collector->on_finished(
        [this](const StoredTrace& trace, const TraceDigest&, bool is_complete, bool) {
          told.push_back(trace.id().to_string() + (is_complete ? "" : " given up"));
        });
  }
  void send(std::string_view document) const {
    const Address to = *collector->udp_address();
    const Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const sockaddr_storage address = to_sockaddr(to);
    const std::string datagram = "{\"format\":\"json\",\"version\":1}\n" + std::string(document);
    CHECK(sendto(socket.get(), datagram.data(), datagram.size(), 0,
                 reinterpret_cast<const sockaddr*>(&address), sockaddr_length(to)) > 0);
  }
  void until(const std::function<bool()>& done) { loop.run_until_threads(done); }
  void load(const std::string& document) const { collector->load(document); }
  /// The answer to `GET /path` and the like on the page's port, or on the other.
  std::string ask(const std::string& line, const std::string& fields = {}, bool is_web = true,
                  const std::string& body = {}) {
    const Address at = is_web ? *collector->web_address() : *collector->tcp_address();
    xtrace::testing::RawClient client(at);
    client.send(line + " HTTP/1.1\r\nConnection: close\r\n" +
                (has(fields, "Host:") ? "" : "Host: " + at.to_string() + "\r\n") + fields +
                (body.empty() ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n") +
                "\r\n" + body);
    until([&client] {
      client.take();
      return client.is_ended;
    });
    return client.received;
  }
  void close() {
    bool is_closed = false;
    collector->close([&is_closed] { is_closed = true; });
    CHECK_FALSE(is_closed);
    until([&is_closed] { return is_closed; });
  }
};

}  // namespace xtrace::collect::testing
