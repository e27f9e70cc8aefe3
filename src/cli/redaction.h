#pragma once

/// What must not be seen in a trace: query strings, passwords, credentials, cookies (cli.md section
/// 3).

#include <string>
#include <string_view>

#include <xtrace/http.h>

namespace xtrace::cli {

/// Whether secrets stay.
enum class Redaction : std::uint8_t { on, off };

/// What stands in a secret's place.
inline constexpr std::string_view kMask = "***";

/// The value as it may be shown: `***` for Authorization, Proxy-Authorization, Cookie and
/// Set-Cookie; for fields that hold a URL (Location, Content-Location, Referer) that URL without
/// its userinfo and query.
std::string redact_value(std::string_view name, std::string_view value);

Headers redact(const Headers& headers);
Response redact(Response response);

/// A request target as it may be shown: `/path?***`.
std::string redact_target(const Url& url);

}  // namespace xtrace::cli
