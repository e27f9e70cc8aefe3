#include "base/system_reason.h"

#include <cstring>
#include <system_error>

namespace xtrace {

namespace {

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

}  // namespace xtrace
