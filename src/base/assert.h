#pragma once

/// `XTRACE_ASSERT(claim)` ends the process with the claim and its place when the claim is false: a
/// bug of ours or a broken contract of the caller, never bad input. It holds in every build; it is
/// not for hot paths.

namespace xtrace {

[[noreturn]] void assertion_failed(const char* claim, const char* file, int line);

}  // namespace xtrace

#define XTRACE_ASSERT(claim) \
  ((claim) ? static_cast<void>(0) : ::xtrace::assertion_failed(#claim, __FILE__, __LINE__))
