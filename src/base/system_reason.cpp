#include "base/system_reason.h"

#include <array>
#include <cstring>
#include <string_view>
#include <system_error>

#include <netdb.h>

namespace xtrace {

namespace {

struct LookupFailure {
  int status;
  std::string_view name;
  std::string_view reason;  // gai_strerror speaks the user's language, which messages must not
};

constexpr auto kLookupFailures = std::to_array<LookupFailure>({
    {EAI_NONAME, "EAI_NONAME", "name or service not known"},
    {EAI_NODATA, "EAI_NODATA", "no address associated with the name"},
    {EAI_ADDRFAMILY, "EAI_ADDRFAMILY", "no address of the wanted family"},
    {EAI_AGAIN, "EAI_AGAIN", "temporary failure in name resolution"},
    {EAI_FAIL, "EAI_FAIL", "non-recoverable failure in name resolution"},
    {EAI_MEMORY, "EAI_MEMORY", "out of memory"},
    {EAI_FAMILY, "EAI_FAMILY", "address family not supported"},
    {EAI_OVERFLOW, "EAI_OVERFLOW", "the name is too long"},
});

// strerror speaks the user's language, which messages must not.
std::string english_text(int code) {
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 32)
  if (const char* text = ::strerrordesc_np(code)) return text;
#endif
  return std::generic_category().message(code);
}

}  // namespace

std::string system_reason(int code) {
  std::string reason = english_text(code);
  if (!reason.empty() && reason[0] >= 'A' && reason[0] <= 'Z') {
    reason[0] = static_cast<char>(reason[0] - 'A' + 'a');
  }
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 32)
  if (const char* name = ::strerrorname_np(code)) {
    reason += " (";
    reason += name;
    reason += ')';
  }
#endif
  return reason;
}

std::string lookup_reason(int status, int error_number) {
  if (status == EAI_SYSTEM) return system_reason(error_number);
  for (const LookupFailure& failure : kLookupFailures) {
    if (failure.status != status) continue;
    std::string reason{failure.reason};
    reason += " (";
    reason += failure.name;
    reason += ')';
    return reason;
  }
  return "getaddrinfo failed (" + std::to_string(status) + ")";
}

}  // namespace xtrace
