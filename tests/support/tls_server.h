#pragma once

/// `TlsServer` is the server's side of one TLS connection for tests. It has no connection: the test
/// carries the bytes, and so decides how they are cut.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/tls_certificates.h"

namespace xtrace::testing {

/// What servers remember of their sessions, for several `TlsServer` to share.
class TlsServerMemory {
 public:
  /// How clients name the session they want to continue.
  enum class Names { tickets, session_ids };

  explicit TlsServerMemory(Names names, std::chrono::seconds lifetime = std::chrono::hours(1));
  TlsServerMemory(const TlsServerMemory&) = delete;
  TlsServerMemory& operator=(const TlsServerMemory&) = delete;
  ~TlsServerMemory();

 private:
  friend class TlsServer;
  struct Library;

  Names names_;
  std::unique_ptr<Library> library_;
};

struct TlsServerOptions {
  Identity identity;
  /// Protocols it negotiates; empty means it does not know ALPN.
  std::vector<std::string> protocols = {"http/1.1"};
  /// The CA of the clients it demands a certificate from; empty lets anybody in.
  std::string client_ca = {};
  /// At most TLS 1.1, for which the library must be 2.28.
  bool is_old = false;
  /// Null: it remembers no session.
  std::shared_ptr<TlsServerMemory> memory = nullptr;
};

class TlsServer {
 public:
  explicit TlsServer(const TlsServerOptions& options);
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;
  ~TlsServer();

  /// Bytes from the client.
  void receive(std::string_view bytes);
  /// Bytes for the client; each is given once.
  std::string take_output();

  /// Encrypts `plain`. After the handshake.
  void send(std::string_view plain);
  void send_close_notify();
  void send_alert(int alert);

  bool is_shaken = false;
  bool got_close_notify = false;
  std::optional<int> failure;  ///< The library's code where it gave up.
  std::string received;        ///< Decrypted.
  std::string server_name;     ///< SNI, empty where there was none.
  std::string client_subject;  ///< Of the certificate the client showed.

 private:
  struct Library;

  void go_on();

  std::unique_ptr<Library> library_;
};

}  // namespace xtrace::testing
