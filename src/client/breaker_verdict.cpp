#include <xtrace/circuit_breaker.h>
#include <xtrace/execution.h>

namespace xtrace {

namespace {

// The attempt never left this machine, or was given up by it for reasons of its own.
bool says_nothing(const Error& error) {
  constexpr int kFirstBeyondRequest = 150;
  constexpr int kFirstBesideRequest = 900;
  const int code = static_cast<int>(error.code);
  if (code < kFirstBeyondRequest || code >= kFirstBesideRequest) return true;
  using enum Error::Code;
  switch (error.code) {
    case pool_timeout:
    case pool_full:
    case client_closed:
    case breaker_open:
    case tls_config:
    case body_source_failed:
    case body_not_repeatable:
    case cancelled:
    case plan_timeout:
    case redundant:
      return true;
    default:
      break;
  }
  const bool is_waiting_here = error.phase == Phase::queue || error.phase == Phase::dns_wait;
  return is_timeout(error.code) && is_waiting_here;
}

// The server did its part, and this side did not want what it got.
bool leaves_judgement_to_status(Error::Code code) {
  using enum Error::Code;
  switch (code) {
    case body_too_large:
    case body_refused:
    case body_expands:
    case too_many_redirects:
    case bad_redirect:
      return true;
    default:
      return false;
  }
}

}  // namespace

BreakerVerdict default_verdict(const AttemptRecord& attempt) {
  if (attempt.is_redundant) return BreakerVerdict::excluded;
  if (const Error* error = attempt.error()) {
    if (says_nothing(*error)) return BreakerVerdict::excluded;
    if (!leaves_judgement_to_status(error->code)) return BreakerVerdict::failure;
  } else if (attempt.response() == nullptr) {
    return BreakerVerdict::excluded;
  }
  const int status = attempt.status();
  const bool is_failing = status >= 500 || status == 429 || status == 408;
  return is_failing ? BreakerVerdict::failure : BreakerVerdict::success;
}

}  // namespace xtrace
