#pragma once

/// `CallState` is what a `Call` holds: one request of the user's and the attempts it takes, one
/// after the other, to the answer. Redirects and stale connections are decided here.

#include <optional>
#include <utility>
#include <vector>

#include <xtrace/client.h>

#include "base/chain.h"
#include "client/attempt.h"
#include "http/redirect.h"

namespace xtrace {

class ClientCore;

class CallState final : public Link<CallState>, private AttemptOwner {
 public:
  /// `core` outlives it. The clock starts at `started`.
  CallState(ClientCore& core, Request&& request, CallOptions&& options,
            Callback<void(Exchange)>&& on_done, const TimePoint& started = now());
  CallState(const CallState&) = delete;
  CallState& operator=(const CallState&) = delete;
  ~CallState();

  /// On a turn of the loop.
  void begin();
  bool is_running() const { return is_running_; }
  void resume();
  /// End with `error`; `on_done` does not run.
  Exchange end(Error error);
  /// End with `error`, and say so. May destroy this.
  void fail(Error error);

 private:
  void prepare_attempt(const TimePoint& started);
  void begin_attempt(bool wants_new_connection);
  bool leads_on(const Response& response) override;
  void on_attempt_done(AttemptResult&& result) override;
  Error too_many_redirects(const Url& next) const;
  bool may_be_sent_again(const AttemptResult& result) const;
  void repeat(AttemptResult&& result);
  void follow(AttemptResult&& result);
  void keep(PastAttempt::Reason reason, AttemptResult&& result);
  void conclude(Exchange& exchange);
  void finish(AttemptResult&& result);

  ClientCore& core_;
  const TimePoint started_;
  Request request_;
  CallOptions options_;
  Callback<void(Exchange)> on_done_;
  std::optional<Attempt> attempt_;
  std::optional<RedirectOrigin> origin_;  // once there was a redirect
  std::optional<Request> next_;           // where the answer being read leads to
  std::optional<Error> redirect_error_;   // why it cannot be followed
  std::vector<PastAttempt> past_;
  int redirects_ = 0;
  int retries_ = 0;
  const bool is_late_;  // the client was closed before
  bool is_running_ = true;
};

}  // namespace xtrace
