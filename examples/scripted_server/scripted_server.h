#pragma once

/// `ScriptedServer` is an HTTPS server of an example's own: HTTP/1.1 on a free port of 127.0.0.1,
/// with a certificate that it makes when it starts, and answers given by a script.
///
/// The first request to arrive gets the first reply, on whatever connection it came; past the
/// script the answer is 400. Connections are kept. Each has a thread, so a reply that takes its
/// time holds up nobody else. Requests have no bodies.
///
/// `GET /hello` is no part of the script: it is answered with 204, its connection is closed, and it
/// does not count as received. A client that has said hello continues its TLS session later.

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <xtrace/expected.h>

#include "net/descriptor.h"
#include "scripted_server/scripted_reply.h"
#include "scripted_server/tls_identity.h"

namespace xtrace::examples {

/// A request as the server saw it.
struct ReceivedRequest {
  int connection = 0;          ///< On which connection it came; a later one has a higher number.
  std::string request_line{};  ///< `GET / HTTP/1.1`
  std::string trace_header{};  ///< `X-Amzn-Trace-Id`; empty where there was none.
};

class ScriptedServer {
 public:
  /// Listens when it returns. Errors are those of the TLS library and of sockets, in `system`.
  static Expected<std::unique_ptr<ScriptedServer>> start(std::vector<ScriptedReply> script);
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  /// Closes every connection at once, whatever the script has still to say.
  ~ScriptedServer();

  /// `https://127.0.0.1:41234/`
  std::string url(std::string_view path = "/") const;
  /// PEM.
  const std::string& certificate() const { return identity_->certificate(); }
  /// In the order of their arrival. From any thread.
  std::vector<ReceivedRequest> received() const;

 private:
  ScriptedServer(std::vector<ScriptedReply> script, std::unique_ptr<TlsIdentity> identity);
  Expected<void> listen();
  void accept_all();
  void serve(Descriptor socket, int connection);
  /// Notes the request and gives the reply that is its turn.
  ScriptedReply take_reply(int connection, std::string_view head);

  const std::vector<ScriptedReply> script_;
  const std::unique_ptr<TlsIdentity> identity_;
  Descriptor listener_;
  Descriptor ending_;  // an eventfd, readable from the beginning of the end
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::vector<ReceivedRequest> received_;  // guarded by mutex_
  std::vector<std::thread> serving_;       // of the accepting thread, until that has ended
  std::thread accepting_;
};

}  // namespace xtrace::examples
