#pragma once

/// TLS peers that share no code with ours. `OpensslServer` is an `openssl s_server` on a free
/// loopback port: to every request it answers with a page about the session, and closes.
/// `OpensslClient` is an `openssl s_client`.

#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include <xtrace/address.h>

#include "net/descriptor.h"
#include "support/scratch.h"
#include "support/tls_certificates.h"

namespace xtrace::testing {

struct OpensslServerOptions {
  Identity identity;
  /// The CA of the clients it demands a certificate from; empty lets anybody in.
  std::string client_ca = {};
  /// More of its arguments: `-tls1_2`, `-no_ticket`.
  std::vector<std::string> arguments = {};
};

class OpensslServer {
 public:
  /// Returns once it listens.
  explicit OpensslServer(const OpensslServerOptions& options);
  OpensslServer(const OpensslServer&) = delete;
  OpensslServer& operator=(const OpensslServer&) = delete;
  ~OpensslServer();

  const Address& address() const { return address_; }
  /// The secrets of its connections, as it wrote them down.
  std::string key_log() const { return folder_.read("keys"); }

 private:
  void start(std::vector<std::string> arguments);
  std::string read_line();

  Scratch folder_;
  Descriptor output_;
  pid_t process_ = 0;
  Address address_;
};

class OpensslClient {
 public:
  /// Dials `server`. `arguments` are more of its own: `-CAfile`, `-sess_out`.
  OpensslClient(const Address& server, const std::vector<std::string>& arguments);
  OpensslClient(const OpensslClient&) = delete;
  OpensslClient& operator=(const OpensslClient&) = delete;
  ~OpensslClient();

  /// Types `text`. A line that begins with an R asks to renegotiate.
  void type(std::string_view text);
  /// What it printed until it ended, as it does when the server closes.
  std::string wait();

 private:
  Scratch folder_;
  Descriptor input_;
  pid_t process_ = 0;
};

}  // namespace xtrace::testing
