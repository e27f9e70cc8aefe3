#include "client/call_state.h"

#include <algorithm>

#include "client/client_core.h"
#include "loop/timer.h"

namespace xtrace {

namespace {

// Go's list: methods that change nothing, and what the caller vouches for.
bool is_repeatable(const Request& request) {
  if (request.headers.contains("Idempotency-Key") || request.headers.contains("X-Idempotency-Key"))
    return true;
  const std::string& method = request.method;
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE";
}

Duration left_of(Duration limit, Tick since) {
  if (limit <= Duration::zero()) return limit;
  return std::max<Duration>(limit - (tick_now() - since), Duration(1));
}

}  // namespace

CallState::CallState(ClientCore& core, Request&& request, CallOptions&& options,
                     Callback<void(Exchange)>&& on_done, const TimePoint& started)
    : core_(core),
      started_(started),
      request_(std::move(request)),
      options_(std::move(options)),
      on_done_(std::move(on_done)),
      is_late_(core.is_closed()) {
  prepare_attempt(started_);
}

CallState::~CallState() {
  attempt_.reset();
  core_.note_end(*this);
}

void CallState::begin() {
  if (is_late_) return fail({Error::Code::client_closed, Phase::queue, "the client was closed"});
  begin_attempt(false);
}

void CallState::resume() {
  if (is_running_) attempt_->resume();
}

// -- attempts -------------------------------------------------------------------------------------

void CallState::prepare_attempt(const TimePoint& started) {
  attempt_.emplace(
      AttemptContext{
          .loop = core_.loop, .config = core_.config, .pool = core_.pool, .proxies = core_.proxies},
      request_, options_, static_cast<AttemptOwner&>(*this), started,
      left_of(core_.config.timeouts.total, started_.tick));
}

void CallState::begin_attempt(bool wants_new_connection) {
  if (options_.before_attempt) {
    if (const Expected<void> prepared = options_.before_attempt(request_); !prepared)
      return fail(prepared.error());
  }
  attempt_->begin(wants_new_connection);
}

// A redirect that cannot be followed is read to its end like any other answer.
bool CallState::leads_on(const Response& response) {
  const Redirects& rules = core_.config.redirects;
  if (!rules.are_followed || response.status / 100 != 3) return false;
  if (!origin_) origin_.emplace(request_);
  auto next = follow_redirect(request_, response, *origin_);
  if (const Error* error = next.if_error()) {
    redirect_error_ = Error{error->code, Phase::body, error->message};
    return true;
  }
  if (!*next) return false;
  if (redirects_ >= rules.limit) {
    redirect_error_ = too_many_redirects((*next)->url);
    return true;
  }
  next_ = std::move(*next);
  return true;
}

void CallState::on_attempt_done(AttemptResult&& result) {
  if (redirect_error_ && !result.exchange.error) result.exchange.error = std::move(redirect_error_);
  if (!result.exchange.error && next_) return follow(std::move(result));
  if (may_be_sent_again(result)) return repeat(std::move(result));
  finish(std::move(result));
}

// Go's rule (net/http transport): never for a connection made for this request.
bool CallState::may_be_sent_again(const AttemptResult& result) const {
  if (!result.is_stale) return false;
  if (request_.supply && !request_.supply->is_repeatable) return false;
  return !result.sent_anything || is_repeatable(request_);
}

void CallState::repeat(AttemptResult&& result) {
  ++retries_;
  core_.pool.count_stale_retry(request_.url, core_.proxies.choose(request_.url));
  const Error error = *result.exchange.error;
  keep(PastAttempt::Reason::stale_connection, std::move(result));
  if (options_.trace.retry_scheduled)
    options_.trace.retry_scheduled({.attempt = retries_, .delay = {}, .error = &error});
  prepare_attempt(now());
  begin_attempt(true);
}

void CallState::follow(AttemptResult&& result) {
  ++redirects_;
  const int status = result.exchange.response->status;
  keep(PastAttempt::Reason::redirected, std::move(result));
  attempt_.reset();
  request_ = std::move(*next_);
  next_.reset();
  if (options_.trace.redirected) options_.trace.redirected(status, request_.url);
  prepare_attempt(now());
  begin_attempt(false);
}

void CallState::keep(PastAttempt::Reason reason, AttemptResult&& result) {
  past_.push_back({.reason = reason,
                   .method = request_.method,
                   .url = request_.url,
                   .response = std::move(result.exchange.response),
                   .error = std::move(result.exchange.error),
                   .timeline = std::move(result.exchange.timeline)});
}

Error CallState::too_many_redirects(const Url& next) const {
  std::vector<Url> visited;
  for (const PastAttempt& past : past_) visited.push_back(past.url);
  visited.push_back(request_.url);
  return {Error::Code::too_many_redirects, Phase::body,
          describe_redirect_end(visited, next, core_.config.redirects.limit)};
}

// -- the end --------------------------------------------------------------------------------------

void CallState::fail(Error error) {
  finish(attempt_->end(std::move(error)));
}

Exchange CallState::end(Error error) {
  AttemptResult result = attempt_->end(std::move(error));
  conclude(result.exchange);
  return std::move(result.exchange);
}

void CallState::conclude(Exchange& exchange) {
  is_running_ = false;
  core_.note_end(*this);
  exchange.past = std::move(past_);
  if (redirects_ > 0) exchange.led_to.emplace(request_.method, request_.url);
}

void CallState::finish(AttemptResult&& result) {
  Callback<void(Exchange)> done = std::move(on_done_);
  conclude(result.exchange);
  done(std::move(result.exchange));  // may destroy this
}

}  // namespace xtrace
