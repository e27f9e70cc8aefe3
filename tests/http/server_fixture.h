#pragma once

/// A server on a test's loop, and clients that are bare sockets, so that they can misbehave.

#include <cerrno>
#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <xtrace/http_server.h>

#include "loop/timer.h"
#include "net/descriptor.h"
#include "net/sockaddr.h"
#include "support/test_loop.h"

namespace xtrace::testing {

/// Non-blocking; what it got is in `received`.
class RawClient {
 public:
  explicit RawClient(const Address& server)
      : socket_(::socket(to_sockaddr(server).ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const sockaddr_storage to = to_sockaddr(server);
    is_refused = connect(socket_.get(), reinterpret_cast<const sockaddr*>(&to),
                         sockaddr_length(server)) != 0;
    const int on = 1;
    setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }

  /// As much as the kernel takes at once; returns how much that was.
  std::size_t send(std::string_view bytes) {
    const ssize_t sent =
        ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent < 0 ? 0 : static_cast<std::size_t>(sent);
  }
  void end() { shutdown(socket_.get(), SHUT_WR); }
  /// Closes with a reset.
  void reset() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    socket_ = Descriptor();
  }
  void close() { socket_ = Descriptor(); }
  void set_receive_buffer(int bytes) {
    setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  }
  /// Takes what came, at most `most` bytes.
  void take(std::size_t most = std::size_t{1} << 20U) {
    std::string piece(most, '\0');
    const ssize_t count = recv(socket_.get(), piece.data(), piece.size(), MSG_DONTWAIT);
    if (count > 0) received.append(piece, 0, static_cast<std::size_t>(count));
    if (count == 0) is_ended = true;
    if (count < 0 && errno == ECONNRESET) is_ended = is_reset = true;
  }
  /// The same into memory of the caller's, unread.
  void take_into(std::span<char> memory) {
    static_cast<void>(recv(socket_.get(), memory.data(), memory.size(), MSG_DONTWAIT));
  }

  std::string received;
  bool is_ended = false;
  bool is_reset = false;
  bool is_refused = false;  ///< Nobody listened.

 private:
  Descriptor socket_;
};

struct ServerFixture {
  TestLoop loop;
  HttpServerConfig config;
  HttpHandler handler = [this](ServerCall call) {
    targets.emplace_back(call.request().target);
    call.respond(200, "text/plain", "hello\n");
  };
  std::vector<std::string> targets;
  std::vector<ServerEnd> ends;
  std::unique_ptr<HttpServer> server;

  ServerFixture() {
    config.limits.head = std::chrono::seconds(4);
    config.limits.idle = std::chrono::seconds(4);
  }

  void listen() {
    auto listening =
        HttpServer::listen(loop, config, [this](ServerCall call) { handler(std::move(call)); });
    REQUIRE(listening.has_value());
    server = std::move(*listening);
  }
  RawClient connect() {
    if (!server) listen();
    RawClient client(server->address());
    REQUIRE_FALSE(client.is_refused);
    return client;
  }
  void until(const std::function<bool()>& done) { loop.run_until_threads(done); }
  void until_received(RawClient& client, std::string_view text) {
    until([&client, text] {
      client.take();
      return client.received.find(text) != std::string::npos;
    });
  }
  void until_ended(RawClient& client) {
    until([&client] {
      client.take();
      return client.is_ended;
    });
  }
  /// What a client gets that sends `bytes` and waits for the end of the connection.
  std::string answer_to(std::string_view bytes) {
    RawClient client = connect();
    CHECK(client.send(bytes) == bytes.size());
    until_ended(client);
    CHECK_FALSE(client.is_reset);
    return client.received;
  }
  void note_end(ServerCall& call) {
    call.on_end([this](const ServerEnd& end) { ends.push_back(end); });
  }
  /// The code of the only end there was.
  Error::Code end_code() const {
    REQUIRE(ends.size() == 1);
    REQUIRE(ends.front().error.has_value());
    return ends.front().error->code;
  }
};

inline std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + part.size())) {
    ++count;
  }
  return count;
}

/// A body of `size` bytes in which each place is known by its byte.
inline std::string patterned(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
  return text;
}

inline std::string body_of(const std::string& answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  return end == std::string::npos ? "" : answer.substr(end + 4);
}

}  // namespace xtrace::testing
