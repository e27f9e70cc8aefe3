#pragma once

/// `DaemonProxy` asks the TCP side of the X-Ray daemon, which signs what it is asked and passes it
/// on to the service: a POST with a JSON body, answered by a JSON body.
///
/// It lives on its loop's thread. Questions are asked one after the other, each on a connection of
/// its own; destroying the proxy cancels them all, and none of their callbacks runs any more.

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include <xtrace/callback.h>
#include <xtrace/client.h>
#include <xtrace/clock.h>
#include <xtrace/daemon_address.h>
#include <xtrace/expected.h>
#include <xtrace/loop.h>

#include "net/next_turn.h"

namespace xtrace {

/// What the service's interface is called by.
inline constexpr std::string_view kSamplingRulesPath = "/GetSamplingRules";
inline constexpr std::string_view kSamplingTargetsPath = "/SamplingTargets";
inline constexpr std::string_view kTraceSegmentsPath = "/TraceSegments";

struct DaemonLimits {
  Duration total =
      std::chrono::seconds(2);          ///< For one question, from connecting to the last byte.
  std::size_t reply_bytes = 4U << 20U;  ///< More is `body_too_large`.
};

class DaemonProxy {
 public:
  /// `loop` outlives the proxy. An endpoint that makes no URL is told by every answer.
  DaemonProxy(Loop& loop, DaemonEndpoint endpoint, const DaemonLimits& limits = {});
  DaemonProxy(const DaemonProxy&) = delete;
  DaemonProxy& operator=(const DaemonProxy&) = delete;
  ~DaemonProxy();

  /// Send `body` to `path`. `on_reply` runs once, on a later turn, with the body of the answer, and
  /// may destroy the proxy. Errors: those of a `Client`, and for any status but 200
  /// `service_unavailable`, `service_throttled`, `service_denied` or `service_refused`; the message
  /// names the path and says what the service said.
  void post(std::string_view path, std::string body,
            Callback<void(Expected<std::string>)> on_reply);
  /// Nothing is asked, nothing waits.
  bool is_idle() const { return questions_.empty(); }

 private:
  struct Question {
    std::string_view path;
    std::string body;
    Callback<void(Expected<std::string>)> on_reply;
  };

  void ask_first();
  void on_done(Exchange exchange);
  void answer_first(Expected<std::string> reply);
  Expected<std::string> judge(Exchange exchange) const;

  DaemonEndpoint endpoint_;
  std::deque<Question> questions_;  // the first is being asked
  NextTurn next_turn_;
  Client client_;
  Call call_;
};

/// Whether the same question may be answered another time: the connection failed or was cut, the
/// daemon or the service could not do it now, or let nobody in (credentials are renewed). Not where
/// the question itself was refused, or cannot be put.
bool is_temporary(const Error& error);

}  // namespace xtrace
