#pragma once

/// Certificates made when a test runs: no key is ever committed, and none expires one day.

#include <string>
#include <vector>

namespace xtrace::testing {

/// A certificate, those of its issuers that a server would send along, and its key; all PEM.
struct Identity {
  std::string certificate;
  std::string key;
};

struct CertificateSpec {
  std::string common_name;
  std::vector<std::string> dns_names = {};
  std::vector<std::string> addresses = {};  ///< IP literals
  std::string not_before = "20200101000000";
  std::string not_after = "20991231235959";
  bool is_ca = false;
  bool has_weak_hash = false;     ///< Signed over SHA-1.
  bool is_for_clients = false;    ///< Extended key usage clientAuth instead of serverAuth.
  bool is_for_agreement = false;  ///< Key usage keyAgreement alone.
};

/// A fresh P-256 key and its certificate, signed by `issuer`.
Identity issue(const CertificateSpec& spec, const Identity& issuer);
/// Signed by itself.
Identity self_sign(const CertificateSpec& spec);
/// The key of an identity, encrypted as `openssl ec -aes128` would, with a passphrase nobody knows.
std::string encrypted_key();

}  // namespace xtrace::testing
