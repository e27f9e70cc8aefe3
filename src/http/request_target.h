#pragma once

/// The target of a request (RFC 9112 section 3.2) and the host it is for: pure functions that
/// allocate nothing where they find no fault.

#include <string_view>

#include <xtrace/expected.h>

namespace xtrace {

/// Views into the target.
struct TargetParts {
  std::string_view host{};  ///< `host` or `host:port` of an absolute URL.
  std::string_view path{};
  std::string_view query{};
};

/// `target` is a path, `*` (for OPTIONS) or an absolute http or https URL without userinfo; its
/// characters were checked. Errors: `request_invalid`; messages never repeat the target. The path
/// of a URL without one is `/`, and `*` for OPTIONS, which is what a proxy makes of it (section
/// 3.2.4).
Expected<TargetParts> split_target(std::string_view method, std::string_view target);

/// Whether `text` is `host` or `host:port`: a name of letters, digits, `-`, `_` and `.` without
/// empty labels, or an IP literal, IPv6 in brackets; a port up to 65535. RFC 3986 allows more
/// characters in a name, which no name has: `,`, `%2f` and the like are there to be misread.
bool is_host_and_port(std::string_view text);

}  // namespace xtrace
