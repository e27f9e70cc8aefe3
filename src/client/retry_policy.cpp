#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

#include <xtrace/plan.h>
#include <xtrace/retry_policy.h>
#include <xtrace/server_says.h>

#include "base/assert.h"
#include "base/random.h"
#include "client/saturating.h"

namespace xtrace {

// -- whether --------------------------------------------------------------------------------------

RetryDecider::RetryDecider(Function decide) : decide_(std::move(decide)) {
  XTRACE_ASSERT(decide_ != nullptr);
}

RetryDecider operator&&(RetryDecider left, RetryDecider right) {
  return RetryDecider(
      [left = std::move(left), right = std::move(right)](const Execution& execution) {
        return left(execution) && right(execution);
      });
}

RetryDecider operator||(RetryDecider left, RetryDecider right) {
  return RetryDecider(
      [left = std::move(left), right = std::move(right)](const Execution& execution) {
        return left(execution) || right(execution);
      });
}

RetryDecider retry_times(int retries) {
  return RetryDecider(
      [retries](const Execution& execution) { return execution.attempt_ends <= retries; });
}

RetryDecider retry_before(Duration limit) {
  return RetryDecider([limit](const Execution& execution) {
    return saturating_difference(execution.present, execution.started.tick) < limit;
  });
}

RetryDecider retry_statuses(std::vector<int> statuses) {
  return RetryDecider([statuses = std::move(statuses)](const Execution& execution) {
    return execution.response() != nullptr &&
           std::find(statuses.begin(), statuses.end(), execution.status()) != statuses.end();
  });
}

RetryDecider retry_transient() {
  return RetryDecider([](const Execution& execution) {
    return execution.error() != nullptr && is_transient(execution.error()->code);
  });
}

RetryDecider retry_errors(std::vector<Error::Code> codes) {
  return RetryDecider([codes = std::move(codes)](const Execution& execution) {
    return execution.error() != nullptr &&
           std::find(codes.begin(), codes.end(), execution.error()->code) != codes.end();
  });
}

RetryDecider retry_idempotent() {
  return RetryDecider([](const Execution& execution) {
    return execution.plan != nullptr && is_idempotent(execution.plan->request);
  });
}

RetryDecider default_decider() {
  return retry_times(5) && (retry_statuses({429, 502, 503, 504}) || retry_transient());
}

bool is_transient(Error::Code code) {
  using enum Error::Code;
  switch (code) {
    case dns_temporary:
    case connect_refused:
    case connect_unreachable:
    case proxy_failed:
    case tls_closed:
    case send_failed:
    case empty_reply:
    case receive_failed:
    case head_cut:
    case body_cut:
      return true;
    case plan_timeout:
    case peer_stalled:  // a server's word for its client
      return false;
    default:
      return is_timeout(code);
  }
}

// -- when -----------------------------------------------------------------------------------------

namespace {

// Evenly over [0, 1): as many bits as a double keeps.
double random_unit() {
  std::array<std::byte, 8> bytes{};
  random_bytes(bytes);
  std::uint64_t bits = 0;
  for (const std::byte byte : bytes) bits = bits << 8U | std::to_integer<std::uint64_t>(byte);
  return std::ldexp(static_cast<double>(bits >> 11U), -53);
}

// `unit` may come from anybody.
Duration part_of(Duration whole, double unit) {
  constexpr double kBelowOne = 1.0 - std::numeric_limits<double>::epsilon();
  if (!(unit > 0)) return Duration::zero();
  const double part = static_cast<double>(whole.count()) * std::min(unit, kBelowOne);
  return Duration(static_cast<Duration::rep>(part));
}

Duration doubled(Duration base, int times, Duration cap) {
  if (base <= Duration::zero() || cap <= Duration::zero()) return Duration::zero();
  constexpr int kMostDoublings = 62;
  const int shift = std::clamp(times, 0, kMostDoublings);
  if (base.count() > cap.count() >> shift) return cap;
  return Duration(base.count() << shift);
}

WallTime end_of(const AttemptRecord& attempt) {
  const Duration since_epoch = attempt.started.wall.time_since_epoch();
  return WallTime(saturating_sum(since_epoch, attempt.duration()));
}

}  // namespace

RetryWaiter::RetryWaiter(Function wait) : wait_(std::move(wait)) {
  XTRACE_ASSERT(wait_ != nullptr);
}

RetryWaiter wait_fixed(Duration wait) {
  return RetryWaiter([wait = std::max(wait, Duration::zero())](const Execution&) { return wait; });
}

RetryWaiter wait_exponential(ExponentialWait settings) {
  if (!settings.random) settings.random = random_unit;
  return RetryWaiter([settings = std::move(settings)](const Execution& execution) {
    const Duration ceiling = doubled(settings.base, execution.wave, settings.cap);
    return settings.has_jitter ? part_of(ceiling, settings.random()) : ceiling;
  });
}

RetryWaiter wait_retry_after(Duration cap, RetryWaiter otherwise) {
  RetryWaiter waiter([cap = std::max(cap, Duration::zero()),
                      otherwise = std::move(otherwise)](const Execution& execution) {
    const std::optional<Duration> asked = retry_after_of(execution);
    return asked ? std::min(*asked, cap) : otherwise(execution);
  });
  waiter.honours_retry_after_ = true;
  return waiter;
}

std::optional<Duration> retry_after_of(const Execution& execution) {
  std::optional<Duration> longest;
  for (const AttemptRecord& attempt : execution.attempts) {
    if (attempt.wave != execution.wave || !attempt.is_over || !attempt.exchange.response) continue;
    const auto asked = retry_after(attempt.exchange.response->headers, end_of(attempt));
    if (asked) longest = std::max(longest.value_or(Duration::zero()), *asked);
  }
  return longest;
}

RetryPolicy RetryPolicy::never() {
  return {.decide = RetryDecider([](const Execution&) { return false; })};
}

// -- how many -------------------------------------------------------------------------------------

bool RetryBudget::allows(int retries, int active) const {
  if (!is_limited) return true;
  // A grain more, so that a fifth of 15 is three, and not, by rounding, two. Written so that a
  // share that is no number leaves the minimum.
  constexpr double kGrain = 1e-6;
  const bool is_within_share =
      static_cast<double>(retries) + 1 <= share * static_cast<double>(active) + kGrain;
  return retries < minimum || is_within_share;
}

}  // namespace xtrace
