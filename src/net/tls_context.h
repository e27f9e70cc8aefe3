#pragma once

/// What `make_tls_context` made of a `TlsConfig`. Any number of threads may use one context at a
/// time: it is only read, but for the sessions, which see to that themselves.

#include <memory>
#include <vector>

#include <xtrace/tls.h>

#include "net/tls_files.h"
#include "net/tls_key_log.h"
#include "net/tls_offer.h"
#include "net/tls_sessions.h"
#include "net/tls_trust.h"

namespace xtrace {

class TlsContext {
 public:
  struct Parts {
    tls::TrustStore trust = {};
    std::unique_ptr<tls::Identity> identity = {};
    std::unique_ptr<tls::KeyLog> key_log = {};
    tls::Offer offer = {};
    bool accepts_any_certificate = false;
    bool resumes_sessions = true;
  };

  explicit TlsContext(Parts parts);
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext();

  /// Once, before anybody uses it. Returns the library's code, 0 for success.
  int configure();

  const tls::TrustStore& trust() const { return parts_.trust; }
  const tls::Offer& offer() const { return parts_.offer; }
  bool accepts_any_certificate() const { return parts_.accepts_any_certificate; }

  /// The settings of all connections.
  const mbedtls_ssl_config& config() const { return *config_.get(); }
  /// Null where none are kept.
  tls::SessionCache* sessions() const { return parts_.resumes_sessions ? &sessions_ : nullptr; }
  /// Null where none is written.
  tls::KeyLog* key_log() const { return parts_.key_log.get(); }

 private:
  const Parts parts_;
  std::vector<const char*> protocols_;  // ends with a null; the library keeps the pointer to it
  tls::SslConfig config_;               // points into all of the above
  mutable tls::SessionCache sessions_;
};

}  // namespace xtrace
