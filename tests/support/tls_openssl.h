#pragma once

/// `OpensslServer` is an `openssl s_server` on a free loopback port: a TLS peer that shares no code
/// with ours. To every request it answers with a page about the session, and closes.

#include <string>
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

}  // namespace xtrace::testing
