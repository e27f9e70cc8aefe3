#pragma once

/// `ServerCore` is what the connections of one `HttpServer` share: the handler, the limits, the
/// counts, and the list of them.

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <xtrace/http_server.h>

#include "base/chain.h"
#include "base/life.h"
#include "http/server_head.h"
#include "loop/timer.h"
#include "net/listener.h"
#include "net/next_turn.h"

namespace xtrace {

class ServerConnection;

class ServerCore {
 public:
  ServerCore(Loop& loop, const HttpServerConfig& config, HttpHandler handler);
  ServerCore(const ServerCore&) = delete;
  ServerCore& operator=(const ServerCore&) = delete;
  ~ServerCore();

  Expected<void> listen();
  const Address& address() const { return address_; }
  HttpServerStats stats() const;
  void close(Callback<void()> on_closed);
  void abort();

  // -- for the connections -----------------------------------------------------------------------
  Loop& loop() { return loop_; }
  const HttpServerConfig& config() const { return config_; }
  const std::shared_ptr<const HttpHandler>& handler() const { return handler_; }
  bool is_closing() const { return is_closing_; }
  HttpServerStats& counts() { return counts_; }
  std::string_view date() { return date_.now(); }
  /// It may be closed for a new one, until it unlinks itself.
  void on_idle(ServerConnection& connection);
  /// Takes it out of the list. Whoever asked destroys it.
  std::unique_ptr<ServerConnection> take_out(ServerConnection& connection);

 private:
  bool may_accept();
  void make_room();
  void add(std::unique_ptr<Stream> stream);
  void sweep();
  void tell_closed_if_done();

  Loop& loop_;
  const HttpServerConfig config_;
  const std::shared_ptr<const HttpHandler> handler_;
  Address address_;
  HttpServerStats counts_;
  DateText date_;
  bool is_closing_ = false;
  Life life_;
  Callback<void()> on_closed_;
  NextTurn next_turn_;
  Timer sweeper_;
  Chain<ServerConnection> idle_;  // idle for longest first
  std::vector<std::unique_ptr<ServerConnection>> connections_;
  std::unique_ptr<Listener> listener_;
};

}  // namespace xtrace
