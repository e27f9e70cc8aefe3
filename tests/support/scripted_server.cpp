#include "support/scripted_server.h"

#include <algorithm>
#include <utility>

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "support/listener.h"

namespace xtrace::testing {

ScriptedServer::ScriptedServer(Loop& loop) : ScriptedServer(loop, Options{}) {}

ScriptedServer::ScriptedServer(Loop& loop, const Options& options) : loop_(loop) {
  Descriptor listener = bind_socket(options.address);
  if (options.receive_buffer != 0) {
    // Before listen(2): accepted sockets inherit it, and the window is agreed on in the handshake.
    setsockopt(listener.get(), SOL_SOCKET, SO_RCVBUF, &options.receive_buffer, sizeof(int));
  }
  REQUIRE(listen(listener.get(), SOMAXCONN) == 0);
  address_ = bound_address(listener, options.address);
  auto watched = Pollable::watch(loop, std::move(listener));
  REQUIRE(watched.has_value());
  listener_ = std::move(watched).value();
  listener_.set_owner(this);
  listener_.wait_for(UV_READABLE, on_event);
}

Script& ScriptedServer::on_connection() {
  return scripts_.emplace_back();
}

void ScriptedServer::on_event(uv_poll_t* handle, int, int) noexcept {
  auto* self = owner_of<ScriptedServer>(handle);
  if (self != nullptr) self->accept_all();
}

void ScriptedServer::accept_all() {
  for (;;) {
    Descriptor accepted(
        accept4(listener_.descriptor(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!accepted.is_open()) return;
    const int on = 1;
    setsockopt(accepted.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto watched = Pollable::watch(loop_, std::move(accepted));
    REQUIRE(watched.has_value());
    Script script;
    if (!scripts_.empty()) script = scripts_[std::min(connections_.size(), scripts_.size() - 1)];
    connections_.push_back(
        std::make_unique<ScriptedConnection>(loop_, std::move(watched).value(), std::move(script)));
  }
}

}  // namespace xtrace::testing
