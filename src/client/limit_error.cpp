#include "client/limit_error.h"

#include <string>

namespace xtrace {

namespace {

std::string in_seconds(Duration duration) {
  const auto microseconds = std::chrono::ceil<std::chrono::microseconds>(duration).count();
  if (microseconds % 1'000'000 == 0) return std::to_string(microseconds / 1'000'000) + " s";
  if (microseconds % 1000 == 0) return std::to_string(microseconds / 1000) + " ms";
  return std::to_string(microseconds) + " us";
}

std::string_view deed(Phase phase) {
  switch (phase) {
    case Phase::queue:
      return "waiting for a connection";
    case Phase::dns_wait:
      return "waiting for a thread to look the name up";
    case Phase::dns:
      return "looking the name up";
    case Phase::connect:
      return "connecting";
    case Phase::proxy:
      return "waiting for the proxy";
    case Phase::tls:
      return "shaking hands";
    case Phase::request:
      return "sending the request";
    case Phase::response:
      return "waiting for the first byte";
    case Phase::body:
      return "receiving the body";
    default:
      return "working";
  }
}

Error::Code stall_code(Phase phase) {
  switch (phase) {
    case Phase::request:
      return Error::Code::send_stalled;
    case Phase::body:
      return Error::Code::body_stalled;
    default:
      return Error::Code::response_stalled;
  }
}

Error describe(Error::Code code, Phase phase, std::string_view name, Duration allowed) {
  return {code, phase,
          "timed out " + std::string(deed(phase)) + " (" + std::string(name) + " limit " +
              in_seconds(allowed) + ")"};
}

}  // namespace

Error limit_error(Limit limit, Phase phase, const Timeouts& timeouts) {
  using enum Error::Code;
  const auto timed_out = [phase](Error::Code code, std::string_view name, Duration allowed) {
    return describe(code, phase, name, allowed);
  };
  switch (limit) {
    case Limit::total:
      return timed_out(call_timeout, "total", timeouts.total);
    case Limit::wait:
      return timed_out(pool_timeout, "wait", timeouts.wait);
    case Limit::connect:
      return timed_out(connect_timeout, "connect", timeouts.connect);
    case Limit::dns:
      return timed_out(dns_timeout, "dns", timeouts.dns);
    case Limit::dial:
      return timed_out(connect_timeout, "dial", timeouts.dial);
    case Limit::proxy:
      return timed_out(proxy_timeout, "proxy", timeouts.proxy);
    case Limit::tls:
      return timed_out(tls_timeout, "tls", timeouts.tls);
    case Limit::response:
      return timed_out(response_timeout, "response", timeouts.response);
    default:
      return timed_out(stall_code(phase), "idle", timeouts.idle);
  }
}

Error attempt_limit_error(Phase phase, Duration allowed) {
  return describe(Error::Code::attempt_timeout, phase, "attempt", allowed);
}

Error plan_limit_error(Phase phase, Duration allowed) {
  if (phase != Phase::none) return describe(Error::Code::plan_timeout, phase, "plan", allowed);
  return {Error::Code::plan_timeout, phase,
          "timed out waiting to try again (plan limit " + in_seconds(allowed) + ")"};
}

Outcome outcome_of(const Error& error) {
  if (is_timeout(error.code)) return Outcome::timeout;
  const bool is_unneeded =
      error.code == Error::Code::cancelled || error.code == Error::Code::redundant;
  return is_unneeded ? Outcome::abandoned : Outcome::error;
}

}  // namespace xtrace
