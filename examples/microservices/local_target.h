#pragma once

/// `LocalTarget` is what the demonstration fetches: an HTTP server of its own on a free port of
/// 127.0.0.1, and a port where nobody listens.

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include <xtrace/http_server.h>
#include <xtrace/loop.h>

#include "net/descriptor.h"

namespace xtrace::examples {

class LocalTarget {
 public:
  /// Errors: `listen_failed`, `system`.
  static Expected<std::unique_ptr<LocalTarget>> start();
  LocalTarget(const LocalTarget&) = delete;
  LocalTarget& operator=(const LocalTarget&) = delete;
  ~LocalTarget();

  /// `127.0.0.1:41234`; there are `/ok`, `/500`, `/slow`, which says nothing for as long as anybody
  /// waits, and `/huge`, of 2 MiB.
  std::string authority() const { return "127.0.0.1:" + std::to_string(port_); }
  /// Of the port where nobody listens.
  std::string refused_authority() const { return "127.0.0.1:" + std::to_string(refused_port_); }

 private:
  LocalTarget() = default;
  Expected<void> listen();
  Expected<void> take_silent_port();
  void answer(ServerCall call);
  /// Runs `task` on the loop's thread and waits for it.
  void run_there(Callback<void()> task);

  std::uint16_t port_ = 0;
  std::uint16_t refused_port_ = 0;
  Descriptor silent_;           // bound, and never listened on: nobody else gets the port
  std::list<ServerCall> held_;  // of the loop's thread, as the server
  std::unique_ptr<HttpServer> server_;
  LoopThread thread_;
};

}  // namespace xtrace::examples
