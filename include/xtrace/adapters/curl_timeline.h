#pragma once

/// From the moments of one request of libcurl's to the `Timeline` our own client would have
/// written. Part of adapters/curl.h.

#include <algorithm>
#include <optional>
#include <string_view>

#include <xtrace/adapters/curl_progress.h>
#include <xtrace/error.h>
#include <xtrace/timeline.h>

namespace xtrace {

/// Moments of one request, from the start of its timeline on. What libcurl did not tell is unset.
struct CurlMoments {
  Duration begun{};  ///< libcurl set about it; before, it waited for its turn.
  std::optional<Duration> looked_up{};
  std::optional<Duration> connected{};
  std::optional<Duration> shaken{};
  std::optional<Duration> ready{};  ///< There was a connection.
  std::optional<Duration> sent{};
  std::optional<Duration> answered{};
  Duration end{};
  bool is_new = true;     ///< A connection was made for it.
  bool has_name = false;  ///< Something was to be looked up.
  bool is_https = false;
  bool is_tunnelled = false;  ///< A proxy was asked to connect it.
  /// The phase that failed and how; none where all went well.
  Phase failed = Phase::none;
  Outcome outcome = Outcome::ok;
};

/// The phases that libcurl's clocks cannot tell apart: they are not recorded, and this says so.
/// Empty where all are.
using CurlUntold = std::string_view;

class CurlTimelineWriter {
 public:
  CurlTimelineWriter(Timeline& timeline, const CurlMoments& moments)
      : timeline_(timeline), moments_(moments) {}

  /// Writes the phases. `local` and `remote` are those of the connection.
  CurlUntold write(const Address& local, const Address& remote) {
    timeline_.total = moments_.end;
    timeline_.reused = !moments_.is_new;
    timeline_.local = local;
    timeline_.remote = remote;
    timeline_.set(Phase::queue, {Duration::zero(), moments_.begun, Outcome::ok});
    if (moments_.failed == Phase::queue) {
      timeline_.set(Phase::queue, span(Duration::zero(), std::nullopt, Phase::queue));
      return {};
    }
    const bool failed_early = moments_.failed == Phase::none && moments_.outcome != Outcome::ok;
    if (failed_early && !moments_.ready) return {};
    CurlUntold untold = moments_.is_new ? write_connect(remote) : CurlUntold();
    if (moments_.ready) {
      const CurlUntold more = write_exchange();
      if (!more.empty()) untold = more;
    }
    return untold;
  }

 private:
  /// A phase that ends at `end`, or where it was left.
  Span span(Duration begin, std::optional<Duration> end, Phase phase) const {
    const Duration stop = std::max(begin, end.value_or(moments_.end));
    return {begin, stop, moments_.failed == phase ? moments_.outcome : Outcome::ok};
  }

  CurlUntold write_connect(const Address& remote) {
    const Duration end = moments_.ready.value_or(moments_.end);
    Duration from = moments_.begun;
    const bool has_failed = !moments_.ready;
    timeline_.set(Phase::connect,
                  {from, connect_end(end), has_failed ? moments_.outcome : Outcome::ok});
    if (moments_.has_name) {
      timeline_.dns.emplace();
      if (remote.is_set()) timeline_.dns->addresses.push_back(remote);
      timeline_.dns->resolver = "libcurl";
      timeline_.set(Phase::dns, span(from, moments_.looked_up, Phase::dns));
    }
    if (moments_.failed == Phase::dns) return {};
    from = moments_.looked_up.value_or(from);
    const bool has_dialled = moments_.connected || moments_.failed == Phase::dial;
    if (!has_dialled) return "dial, proxy, tls";
    write_dial(remote, from);
    if (moments_.failed == Phase::dial) return {};
    return write_security(*moments_.connected, end);
  }

  /// libcurl goes on from the handshake to the request without a stop.
  Duration connect_end(Duration end) const {
    if (!moments_.ready || (moments_.is_tunnelled && !moments_.is_https)) return end;
    const std::optional<Duration>& last = moments_.is_https ? moments_.shaken : moments_.connected;
    return std::min(end, last.value_or(end));
  }

  void write_dial(const Address& remote, Duration from) {
    Dial& dial = timeline_.dials[0];
    dial = {.address = remote, .span = span(from, moments_.connected, Phase::dial), .error = {}};
    timeline_.dial_count = 1;
  }

  CurlUntold write_security(Duration connected, Duration end) {
    if (moments_.is_tunnelled && moments_.is_https && moments_.failed != Phase::proxy) {
      return "proxy, tls";
    }
    if (moments_.is_tunnelled) {
      timeline_.set(Phase::proxy, span(connected, end, Phase::proxy));
    } else if (moments_.is_https) {
      timeline_.set(Phase::tls, span(connected, moments_.shaken.value_or(end), Phase::tls));
    }
    return {};
  }

  CurlUntold write_exchange() {
    const Duration ready = *moments_.ready;
    if (!moments_.sent) {
      if (moments_.failed == Phase::request) {
        timeline_.set(Phase::request, span(ready, std::nullopt, Phase::request));
        return {};
      }
      if (!moments_.answered) return "request, response, body";
      timeline_.set(Phase::body, span(*moments_.answered, std::nullopt, Phase::body));
      return "request, response";
    }
    const Duration sent = std::max(ready, *moments_.sent);
    timeline_.set(
        Phase::request,
        {ready, sent, moments_.failed == Phase::request ? moments_.outcome : Outcome::ok});
    if (moments_.failed == Phase::request) return {};
    // The answer may come before the request has left whole.
    timeline_.early_response = moments_.answered && *moments_.answered < sent;
    const Duration begin = timeline_.early_response ? *moments_.answered : sent;
    timeline_.set(Phase::response, span(begin, moments_.answered, Phase::response));
    if (!moments_.answered) return {};
    timeline_.set(Phase::body, span(*moments_.answered, std::nullopt, Phase::body));
    return {};
  }

  Timeline& timeline_;
  const CurlMoments& moments_;
};

}  // namespace xtrace
