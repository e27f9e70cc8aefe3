#pragma once

/// `TrustStore` holds the certificates a user trusts as the PEM text they came in, and an index of
/// whose they are.
///
/// A system's store has 150 certificates, a handshake needs one or two of them. So nothing is
/// parsed here beyond the subjects' places; each handshake parses those it needs into memory of its
/// own. That also makes the store immutable, hence free to share: mbedTLS 2.28 writes into the
/// parsed key of a CA while it verifies with it.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/expected.h>

#include "net/tls_library.h"

namespace xtrace::tls {

class TrustStore {
 public:
  /// Trusts nobody.
  TrustStore() = default;
  /// Indexes the certificates of a PEM text. Whatever is no readable certificate is left out.
  explicit TrustStore(std::string pem);

  std::size_t size() const { return entries_.size(); }

  /// Adds to `anchors` the certificates whose subject is the issuer of one in the `peer`'s chain.
  /// Returns how many. The names are compared byte by byte, so a spelling that differs in case
  /// only is missed; `add_all` misses none.
  std::size_t add_issuers(const mbedtls_x509_crt& peer, CertificateChain& anchors) const;
  void add_all(CertificateChain& anchors) const;

  /// Parses every certificate. Returns the library's reason for the first it refuses, or an empty
  /// string.
  std::string first_defect() const;

 private:
  struct Entry {
    std::size_t subject_hash;
    std::size_t begin;  // of the PEM block in `pem_`
    std::size_t size;
  };

  std::string_view block(const Entry& entry) const;

  std::string pem_;
  std::vector<Entry> entries_;
  bool has_unreadable_ = false;  // a block was left out
};

}  // namespace xtrace::tls
