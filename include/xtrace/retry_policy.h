#pragma once

/// `RetryPolicy`: whether an attempt that ended is tried again, and after what wait.
///
/// Both halves are functions of the `Execution` and nothing else, so they are tested with literals.
/// The defaults are gogama/httpx's: at most five retries of 429, 502, 503, 504 and of transient
/// errors, after a random part of 50 ms, 100 ms, 200 ms, ... up to 1 s. Unlike httpx, `Retry-After`
/// is honoured.

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <vector>

#include <xtrace/clock.h>
#include <xtrace/error.h>

namespace xtrace {

struct Execution;

/// True: try again. Asked once for each attempt that was not redundant, after its `after_attempt`.
class RetryDecider {
 public:
  using Function = std::function<bool(const Execution&)>;

  explicit RetryDecider(Function decide);
  bool operator()(const Execution& execution) const { return decide_(execution); }

  /// Short-circuit, left to right.
  friend RetryDecider operator&&(RetryDecider left, RetryDecider right);
  friend RetryDecider operator||(RetryDecider left, RetryDecider right);

 private:
  Function decide_;
};

/// While no more than `retries` attempts are over: one more attempt than that at most. In a race
/// each attempt counts.
RetryDecider retry_times(int retries);
/// While the execution is younger than `limit`.
RetryDecider retry_before(Duration limit);
/// The status is one of these.
RetryDecider retry_statuses(std::vector<int> statuses);
/// The attempt failed in a way that may not last: see `is_transient`.
RetryDecider retry_transient();
/// The attempt failed with one of these codes.
RetryDecider retry_errors(std::vector<Error::Code> codes);
/// The method is idempotent (`Repetition::if_idempotent`), whatever the plan vouches for.
RetryDecider retry_idempotent();
/// `retry_times(5) && (retry_statuses({429, 502, 503, 504}) || retry_transient())`
RetryDecider default_decider();

/// httpx's transient errors: whatever took too long, connections refused, reset or closed before
/// the answer was complete; and those of the same kind that it leaves out: unreachable hosts, and a
/// resolver that cannot answer now.
bool is_transient(Error::Code code);

/// How long to wait before the next wave; zero is a wait like any other and ends on the next turn.
/// The current attempt is the first that started in the wave.
class RetryWaiter {
 public:
  using Function = std::function<Duration(const Execution&)>;

  explicit RetryWaiter(Function wait);
  Duration operator()(const Execution& execution) const { return wait_(execution); }

  /// Whether a `Retry-After` of the server decides how long it is, as the record of the wait says.
  bool honours_retry_after() const { return honours_retry_after_; }

 private:
  friend RetryWaiter wait_retry_after(Duration cap, RetryWaiter otherwise);
  Function wait_;
  bool honours_retry_after_ = false;
};

/// Gives numbers that are spread evenly over [0, 1).
using UnitRandom = std::function<double()>;

struct ExponentialWait {
  Duration base = std::chrono::milliseconds(50);
  Duration cap = std::chrono::seconds(1);
  /// A random part of it ("full jitter"), so that clients which failed together do not come back
  /// together.
  bool has_jitter = true;
  UnitRandom random{};  ///< Unset: a good one of the thread's.
};

RetryWaiter wait_fixed(Duration wait);
/// `base` doubled with each wave, up to `cap`, and a random part of that: never all of it.
RetryWaiter wait_exponential(ExponentialWait settings);
/// As long as the wave's `Retry-After` says (the longest of them), no longer than `cap`; what
/// `otherwise` says where there is none.
RetryWaiter wait_retry_after(Duration cap, RetryWaiter otherwise);

/// The longest `Retry-After` (RFC 9110 section 10.2.3) of the wave that just ended.
std::optional<Duration> retry_after_of(const Execution& execution);

struct RetryPolicy {
  RetryDecider decide = default_decider();
  RetryWaiter wait = wait_retry_after(std::chrono::seconds(60), wait_exponential({}));

  static RetryPolicy never();
};

/// How many retries may be under way at once in a client, so that a server in trouble is not asked
/// for more by everybody's retries. The numbers are Envoy's: a fifth of the requests in flight or
/// waiting, but three in any case.
struct RetryBudget {
  bool is_limited = true;
  double share = 0.2;
  int minimum = 3;

  /// Whether one more may begin, where `retries` of `active` are retries. With it they are no more
  /// than the share, rounded down as Envoy does, or than the minimum.
  bool allows(int retries, int active) const;
};

}  // namespace xtrace
