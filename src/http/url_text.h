#pragma once

/// Parts of a URL appended to a text that is being written, without strings of their own between.

#include <string>
#include <string_view>

#include <xtrace/http.h>

namespace xtrace {

/// What `Url::authority()` gives.
void append_authority(std::string& into, const Url& url);

/// What `Url::target()` gives.
void append_target(std::string& into, const Url& url);

/// Whether a reference (RFC 3986 section 4.1) names a host or another scheme, and does not stay
/// where it stands.
bool names_host(std::string_view reference);

}  // namespace xtrace
