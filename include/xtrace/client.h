#pragma once

/// `Client` sends HTTP/1.1 requests and records where their time goes.
///
/// One client per loop, used on the loop's thread only. `start()` returns a `Call`; keep it, for
/// destroying it cancels the request in whatever phase it is and guarantees that no callback of it
/// runs. Everything else comes back through `on_done`, exactly once, with the `Timeline` complete
/// also when the request failed. A `Call`, a finished one too, is destroyed before its client, and
/// the client before its loop.
///
/// Connections are kept and used again. A request takes the connection that was used last, or
/// dials; while it dials, one that becomes free first is taken instead, and the dialled one is kept
/// for the next. Where a limit leaves no room, requests wait in turn. A reused connection that
/// turns out to be dead before a byte of the answer came is replaced by a new one, once the request
/// may be repeated (docs/client.md).

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <xtrace/callback.h>
#include <xtrace/client_config.h>
#include <xtrace/client_trace.h>
#include <xtrace/expected.h>
#include <xtrace/http.h>
#include <xtrace/loop.h>
#include <xtrace/pool_stats.h>
#include <xtrace/timeline.h>

namespace xtrace {

/// Where the body of an answer goes.
enum class BodyTo : std::uint8_t { memory, consumer };

struct CallOptions {
  ClientTrace trace{};
  /// Receives the body piece by piece, decoded, each valid until return. `Flow::pause` stops it, at
  /// once and down to the server, until `Call::resume`. An error it returns ends the call and
  /// becomes its error; it must not destroy the `Call`. Without it the body is kept in
  /// `Response::body`. The body of a redirect that is followed goes nowhere.
  Callback<Expected<Flow>(std::span<const std::byte>)> on_body{};
  /// Runs before each physical request, redirects and retries included, with the request that is
  /// about to be sent: the place for a header of that one attempt (its trace header). What it
  /// changes stays for the attempts that follow, so set fields rather than add them. An error it
  /// returns ends the call. It must not destroy the `Call`.
  Callback<Expected<void>(Request&)> before_attempt{};
  /// Runs with the head of the answer, once it is known not to be led on, before its body: says
  /// whether that goes to `on_body` or into `Response::body`. An error it returns ends the call.
  /// Without it, what is set decides. It must not destroy the `Call`.
  Callback<Expected<BodyTo>(const Response&)> on_response{};
};

/// A physical request that was not the last of its call.
struct PastAttempt {
  enum class Reason : std::uint8_t {
    redirected,       ///< Its answer led on to another URL.
    stale_connection  ///< The server had closed the reused connection; it was sent again.
  };

  Reason reason = Reason::redirected;
  std::string method{};
  Url url;
  std::optional<Response> response{};  ///< The head only.
  std::optional<Error> error{};
  Timeline timeline{};
};

/// What became of a call. `response` is there as soon as a final head came, also when the body then
/// failed.
struct Exchange {
  std::optional<Response> response{};
  std::optional<Error> error{};
  Timeline timeline{};  ///< Of the last physical request.
  /// The physical requests before the last, in order; nearly always empty.
  std::vector<PastAttempt> past{};
  /// Method and URL of the last one, where redirects led away from what was asked for.
  std::optional<std::pair<std::string, Url>> led_to{};

  /// From the start of the first physical request to the end of the last.
  Duration total() const;
};

class CallState;
class ClientCore;

/// A request in flight. Movable; destroying it cancels.
class [[nodiscard]] Call {
 public:
  Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  Call(Call&&) noexcept;
  Call& operator=(Call&&) noexcept;
  ~Call();

  /// End the call now as if it had failed with `cancelled`: the record of what was reached is
  /// returned, `on_done` does not run. Only while `is_running()`, and not from a hook or `on_body`.
  Exchange abort();
  /// The same with an error of the caller's own. A connection in use is closed, unless the code is
  /// `cancelled` and little of the answer is left.
  Exchange abort(Error reason);
  /// Go on with a body that `on_body` paused. From anywhere on the loop's thread; without effect on
  /// a call that is not paused. Nothing is delivered from inside.
  void resume();
  /// From `start()` until `on_done` or `abort()`; false for an empty `Call`.
  bool is_running() const;

 private:
  friend class Client;
  explicit Call(std::unique_ptr<CallState> state);
  std::unique_ptr<CallState> state_;
};

class Client {
 public:
  /// `loop` outlives the client.
  Client(Loop& loop, const FinalizedClientConfig& config);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  /// Calls still running must have been destroyed before.
  ~Client();

  /// Send `request`. `on_done` runs once, on a later turn; it may destroy the `Call`, and the
  /// client behind it. A request that cannot be sent (`check_request`) ends that way too. The first
  /// https request reads the TLS files before it returns; that is not part of its timeline.
  Call start(Request request, CallOptions options, Callback<void(Exchange)> on_done);

  /// Take no more requests, let those that were started finish, also where they wait or are led on;
  /// close what is idle. `on_closed` runs once, on a later turn, when nothing is left.
  void close(Callback<void()> on_closed);
  /// Take no more requests, close everything now: each call under way ends with `client_closed`,
  /// its `on_done` running from inside. Not from a hook or `on_body`.
  void abort();
  /// Close the connections that no request uses.
  void close_idle();
  PoolStats pool_stats() const;

 private:
  friend class PlanCore;
  ClientCore& core();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xtrace
