#pragma once

/// Timelines written down, for tests of what is made of them.

#include <chrono>
#include <optional>
#include <utility>

#include <xtrace/client.h>

namespace xtrace::testing {

using std::chrono::milliseconds;

inline Span span(int begin, int end, Outcome outcome = Outcome::ok) {
  return {milliseconds(begin), milliseconds(end), outcome};
}

/// As the client leaves it where the request failed: the phase it died in ends with the outcome.
inline void end_with(Timeline& timeline, Error::Code code, Phase phase, int at) {
  timeline.error = Error{code, phase, "it failed"};
  timeline.total = milliseconds(at);
}

/// A name was looked up (1 to 5 ms), dialled (5 to 12), and TLS spoken (12 to 30).
inline Timeline connected() {
  Timeline timeline;
  timeline.set(Phase::queue, span(0, 1));
  timeline.set(Phase::connect, span(1, 30));
  timeline.set(Phase::dns_wait, span(1, 2));
  timeline.set(Phase::dns, span(2, 5));
  timeline.dials[0] = {.address = Address::from_ipv4({10, 0, 0, 1}, 443), .span = span(5, 12)};
  timeline.dial_count = 1;
  timeline.set(Phase::tls, span(12, 30));
  return timeline;
}

/// Lent a kept connection after a wait of 4 ms.
inline Timeline lent() {
  Timeline timeline;
  timeline.reused = true;
  timeline.set(Phase::queue, span(0, 4));
  return timeline;
}

/// Sent until 35 ms, answered from 50 ms on, the head read at 53 and the body at 80.
inline Timeline answered(Timeline timeline) {
  timeline.set(Phase::request, span(30, 35));
  timeline.set(Phase::response, span(35, 50));
  timeline.set(Phase::body, span(50, 80));
  timeline.head_read = milliseconds(53);
  timeline.total = milliseconds(80);
  return timeline;
}

inline Exchange exchange_of(Timeline timeline, int status = 200) {
  Exchange exchange;
  exchange.error = timeline.error;
  exchange.timeline = std::move(timeline);
  if (status != 0) exchange.response = Response{.status = status};
  return exchange;
}

}  // namespace xtrace::testing
