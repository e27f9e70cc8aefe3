#pragma once

/// The names and dates in a certificate, and what they say.

#include <string>

#include <xtrace/clock.h>

#include "net/tls_library.h"

namespace xtrace::tls {

/// `C=US, O=Example, CN=api.example.com`
std::string to_string(const mbedtls_x509_name& name);
WallTime to_wall(const mbedtls_x509_time& time);

/// Whether `name` is an IP address and so has no place in SNI.
bool is_ip_address(const std::string& name);
/// Whether an iPAddress entry of the certificate is exactly the address `ip`. Common names do not
/// count (RFC 6125).
bool names_address(const mbedtls_x509_crt& certificate, const std::string& ip);
/// The hosts the certificate is for, as a person reads them: `a.example, *.b.example and 3 more`.
std::string list_names(const mbedtls_x509_crt& certificate);

}  // namespace xtrace::tls
