#pragma once

/// `TlsIdentity` is a key and the certificate it signed for itself, for a server on 127.0.0.1. Both
/// are made when a program starts and are gone when it ends. Clients may continue their sessions: a
/// second connection then costs neither of them a signature.

#include <memory>
#include <string>

#include <xtrace/expected.h>

namespace xtrace::examples {

class TlsPeer;

class TlsIdentity {
 public:
  /// Fails where the TLS library does, with `system`.
  static Expected<std::unique_ptr<TlsIdentity>> make();
  TlsIdentity(const TlsIdentity&) = delete;
  TlsIdentity& operator=(const TlsIdentity&) = delete;
  ~TlsIdentity();

  /// PEM, for clients to trust.
  const std::string& certificate() const { return certificate_; }

 private:
  friend class TlsPeer;
  struct Library;

  TlsIdentity();
  int sign();
  int configure();

  std::string certificate_;
  std::unique_ptr<Library> library_;
};

}  // namespace xtrace::examples
