#include "cli/redaction.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace xtrace::cli {

namespace {

constexpr auto kSecretFields = std::to_array<std::string_view>(
    {"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie"});
constexpr auto kUrlFields =
    std::to_array<std::string_view>({"Location", "Content-Location", "Referer"});

bool is_among(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::any_of(
      names, [name](std::string_view known) { return equals_ignoring_case(known, name); });
}

/// Works on any reference, also on one no URL parser would take.
std::string redact_reference(std::string_view reference) {
  const auto cut = reference.find_first_of("?#");
  std::string shown{reference.substr(0, cut)};
  if (cut != std::string_view::npos && reference[cut] == '?') shown += "?" + std::string(kMask);

  const auto slashes = shown.find("//");
  if (slashes == std::string::npos) return shown;
  const auto authority = slashes + 2;
  const auto path = std::min(shown.find('/', authority), shown.find('?', authority));
  const auto at = shown.rfind('@', path);
  if (at == std::string::npos || at < authority) return shown;
  return shown.replace(authority, at - authority, kMask);
}

}  // namespace

std::string redact_value(std::string_view name, std::string_view value) {
  if (is_among(kSecretFields, name)) return std::string(kMask);
  if (is_among(kUrlFields, name)) return redact_reference(value);
  return std::string(value);
}

Headers redact(const Headers& headers) {
  Headers redacted;
  for (const Header& field : headers)
    redacted.add(field.name, redact_value(field.name, field.value));
  return redacted;
}

Response redact(Response response) {
  response.headers = redact(response.headers);
  response.trailers = redact(response.trailers);
  return response;
}

std::string redact_target(const Url& url) {
  return url.query().empty() ? url.path() : url.path() + "?" + std::string(kMask);
}

}  // namespace xtrace::cli
