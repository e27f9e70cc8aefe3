#pragma once

/// `Offer` is what of a `TlsConfig` a client says in its first message: versions and protocols, as
/// far as the library below has them.

#include <string>
#include <vector>

#include <xtrace/expected.h>
#include <xtrace/tls.h>

namespace xtrace::tls {

struct Offer {
  TlsVersion oldest = TlsVersion::tls1_2;
  TlsVersion newest = TlsVersion::tls1_2;
  /// A version newer than the library's was asked for.
  bool is_short_of_newest = false;
  std::vector<std::string> protocols = {};
};

/// What the library speaks of the versions asked for, and the protocols. Errors: `tls_config`.
Expected<Offer> make_offer(const TlsConfig& config);

/// `TLS 1.2`
std::string to_string(TlsVersion version);
/// `TLS 1.2`, `TLS 1.0 to TLS 1.2`
std::string list_versions(const Offer& offer);
/// `h2, http/1.1`
std::string list_protocols(const Offer& offer);

}  // namespace xtrace::tls
