#pragma once

/// `ScriptedServer` is a server for tests: it listens on a free loopback port of the loop under
/// test and plays a `Script` on each connection, in the order they arrive. The last script serves
/// every connection beyond it.
///
///     ScriptedServer server(loop);
///     server.on_connection().expect_head().wait(20ms).send("HTTP/1.1 204 No
///     Content\r\n\r\n").close();
///     ... get(server.url("/")) ...
///     CHECK(server.received() == "GET / HTTP/1.1\r\n...");

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/address.h>
#include <xtrace/loop.h>

#include "net/pollable.h"
#include "support/script.h"
#include "support/scripted_connection.h"

namespace xtrace::testing {

class ScriptedServer {
 public:
  struct Options {
    /// Where to listen; the port 0 means any free one. Unix sockets too.
    Address address = Address::from_ipv4({127, 0, 0, 1}, 0);
    /// SO_RCVBUF of every connection, to make an upload stall early; 0 is the system's.
    int receive_buffer = 0;
  };

  explicit ScriptedServer(Loop& loop);
  ScriptedServer(Loop& loop, const Options& options);
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  /// The script of the next connection; valid as long as the server.
  Script& on_connection();

  Address address() const { return address_; }
  std::uint16_t port() const { return address_.port(); }
  /// `http://127.0.0.1:40123` with `path` behind it.
  std::string url(std::string_view path) const {
    return "http://" + address_.to_string() + std::string(path);
  }

  /// How many connections were accepted.
  std::size_t connections() const { return connections_.size(); }
  /// The connection numbered `index` from 0, in the order of arrival; it must have arrived.
  const ScriptedConnection& connection(std::size_t index = 0) const {
    return *connections_.at(index);
  }
  /// What that connection sent; empty while it has not arrived.
  std::string received(std::size_t index = 0) const {
    return index < connections() ? connections_[index]->received : std::string();
  }
  /// Whether that connection has arrived and its script has been played to its end.
  bool is_done(std::size_t index = 0) const {
    return index < connections() && connections_[index]->is_done;
  }
  /// Resets that connection now, whatever its script does.
  void reset(std::size_t index = 0) { connections_.at(index)->reset(); }

 private:
  static void on_event(uv_poll_t* handle, int status, int events) noexcept;
  void accept_all();

  Loop& loop_;
  std::deque<Script> scripts_;
  std::vector<std::unique_ptr<ScriptedConnection>> connections_;
  Address address_;
  Pollable listener_;
};

}  // namespace xtrace::testing
