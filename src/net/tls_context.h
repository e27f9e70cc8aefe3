#pragma once

/// What `make_tls_context` made of a `TlsConfig`: bytes only, so that any number of threads may use
/// one context at a time.

#include <optional>
#include <string>
#include <utility>

#include <xtrace/tls.h>

#include "net/tls_trust.h"

namespace xtrace {

/// Who the client is, in PEM, known to parse and to fit together.
struct ClientIdentity {
  std::string certificate;
  std::string key;
};

class TlsContext {
 public:
  struct Parts {
    tls::TrustStore trust;
    std::optional<ClientIdentity> identity;
    bool accepts_any_certificate = false;
  };

  explicit TlsContext(Parts parts) : parts_(std::move(parts)) {}
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext() = default;

  const tls::TrustStore& trust() const { return parts_.trust; }
  const std::optional<ClientIdentity>& identity() const { return parts_.identity; }
  bool accepts_any_certificate() const { return parts_.accepts_any_certificate; }

 private:
  const Parts parts_;
};

}  // namespace xtrace
