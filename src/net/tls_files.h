#pragma once

/// The PEM files that a configuration names, read and checked. Errors are `tls_config`, naming the
/// file by its role (`client key`), its path and the reason.

#include <memory>
#include <string>
#include <string_view>

#include <xtrace/expected.h>

#include "net/tls_library.h"
#include "net/tls_trust.h"

namespace xtrace::tls {

/// A certificate with what is behind it, and its key, known to fit together. Any number of threads
/// may use one.
struct Identity {
  CertificateChain chain;
  PrivateKey key;
};

struct IdentityFiles {
  /// Whose they are: `client`, `server`.
  std::string_view owner;
  std::string certificate;
  /// Empty means that the key is in the certificate's file.
  std::string key;
};

Error config_error(std::string message);
Error cannot_use(std::string_view role, const std::string& path, std::string_view reason);

/// The whole file. `role` is what it is to the user: `CA file`.
Expected<std::string> read_file(std::string_view role, const std::string& path);
/// A file of CAs, of which every one must be readable.
Expected<TrustStore> read_trust_file(std::string_view role, const std::string& path);
Expected<std::unique_ptr<Identity>> read_identity(const IdentityFiles& files);

}  // namespace xtrace::tls
