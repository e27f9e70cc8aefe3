#pragma once

/// TLS as a server speaks it: what to show, whom to ask, what to speak. `make_tls_server_context`
/// turns the settings into a `TlsServerContext`, which any number of servers and threads may share.

#include <memory>
#include <string>
#include <vector>

#include <xtrace/expected.h>
#include <xtrace/tls.h>

namespace xtrace {

struct TlsServerConfig {
  /// PEM file with the server's certificate and the chain behind it.
  std::string certificate_file{};
  /// PEM file with its key, not encrypted; empty means that the key is in the certificate's file.
  std::string key_file{};
  /// PEM file with the CAs whose clients are let in. Empty asks for no client certificate; set, a
  /// client that shows none, or one of others, or that has expired or is not meant for clients,
  /// fails the handshake. A continued session is let in as its first handshake was.
  std::string client_ca_file{};
  /// As those of `TlsConfig`. Whatever the version, ciphers have forward secrecy, and nobody
  /// renegotiates.
  TlsVersion oldest = TlsVersion::tls1_2;
  TlsVersion newest = TlsVersion::tls1_3;
  /// Protocols to agree on by ALPN (RFC 7301), most wanted first. A client that offers none of them
  /// fails the handshake; one that negotiates nothing is served.
  std::vector<std::string> alpn = {"http/1.1"};
  /// Let clients continue their sessions for a day, by tickets (RFC 5077) whose keys belong to the
  /// context, never leave the process and change every day.
  bool resumes_sessions = true;
};

class TlsServerContext;

/// Reads the files and checks that they fit together. Errors: `tls_config`, naming the file and the
/// reason. To show a new certificate make a new context, and a server of it; the files are read
/// here alone.
Expected<std::shared_ptr<const TlsServerContext>> make_tls_server_context(
    const TlsServerConfig& config);

}  // namespace xtrace
