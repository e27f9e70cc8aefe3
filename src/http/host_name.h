#pragma once

/// The host of a URL: a DNS name or an IP literal, checked and in its normal form.

#include <string>
#include <string_view>

#include <xtrace/expected.h>

namespace xtrace {

/// A DNS name in lower case. `name` is percent-decoded. Refused, always with `invalid_host_name`:
/// what is not ASCII (the message tells to write punycode), empty labels, labels past 63 and names
/// past 253 characters, every character but letters, digits, `-`, `_` and `.`; and numbers that are
/// not four decimal octets (`1`, `0x7f.1`, `127.1`), which some resolvers take for an IPv4 address
/// and others for a name. One dot at the end (a fully qualified name) is kept.
Expected<std::string> normalize_host_name(std::string_view name);

/// An IPv6 literal without brackets in its shortest form (RFC 5952), with `%zone` behind it where
/// `zone` is not empty.
Expected<std::string> normalize_ipv6(std::string_view literal, std::string_view zone);

}  // namespace xtrace
