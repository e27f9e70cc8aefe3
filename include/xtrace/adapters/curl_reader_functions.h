#pragma once

/// How `CurlReader` finds the moments. Part of adapters/curl.h.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include <curl/curl.h>

#include <xtrace/adapters/curl_reader.h>

namespace xtrace {

inline unsigned curl_running_version() {
  static const unsigned version = curl_version_info(CURLVERSION_NOW)->version_num;
  return version;
}

inline CurlReader::Told CurlReader::tell(std::size_t index) const {
  const CurlLeg& leg = transfer_.legs[index];
  CurlMoments moments = moments_of(index, steps_of(index));
  Told told;
  told.exchange.error = error_of(index, moments);
  Timeline& timeline = told.exchange.timeline;
  timeline.error = told.exchange.error;
  const Tick start = start_of(index);
  const Duration offset = start - transfer_.begun.tick;
  timeline.started.tick = start;
  timeline.started.wall =
      transfer_.begun.wall + std::chrono::duration_cast<WallTime::duration>(offset);
  told.untold = CurlTimelineWriter(timeline, moments).write(leg.local, leg.remote);
  if (moments.failed == Phase::dial && timeline.dial_count > 0) {
    timeline.dials[0].error = timeline.error;
  }
  if (moments.is_tunnelled) timeline.proxy = "http://" + leg.remote.to_string();
  if (leg.tls) timeline.tls = leg.tls;
  if (leg.status != 0) {
    Response& response = told.exchange.response.emplace();
    response.status = leg.status;
    response.content_length = leg.content_length;
  }
  if (!is_last(index)) return told;
  timeline.request_body_bytes = static_cast<std::uint64_t>(transfer_.uploaded);
  if (leg.status == 0 || leg.content_length) return told;
  const curl_off_t received = curl_size(transfer_.handle, CURLINFO_SIZE_DOWNLOAD_T);
  timeline.response_body_bytes = static_cast<std::uint64_t>(std::max<curl_off_t>(0, received));
  return told;
}

// libcurl does not say when it began. Its total counts back from the end, what the first request
// needed to be ready counts back from then, and neither can be too early. Without either it began
// when it was asked to.
inline Tick CurlReader::began() const {
  if (transfer_.legs.empty() || !transfer_.legs[0].is_ready) return transfer_.begun.tick;
  const Tick by_total = transfer_.over - transfer_.progress.total;
  const Tick by_ready = transfer_.legs[0].ready - connecting(steps_of(0));
  return std::max(std::min(by_total, by_ready), transfer_.begun.tick);
}

inline Tick CurlReader::start_of(std::size_t index) const {
  if (index == 0) return transfer_.begun.tick;
  const CurlLeg& leg = transfer_.legs[index];
  const Duration led = leg.is_ready ? leg.at_ready.redirect : transfer_.progress.redirect;
  return std::min(began_ + led, transfer_.over);
}

inline Tick CurlReader::end_of(std::size_t index) const {
  if (!is_last(index)) return start_of(index + 1);
  if (transfer_.is_given_up || transfer_.progress.total == Duration::zero()) return transfer_.over;
  return std::max(start_of(index), std::min(began_ + transfer_.progress.total, transfer_.over));
}

inline CurlProgress CurlReader::steps_of(std::size_t index) const {
  const std::span<CurlLeg> legs = transfer_.legs;
  const CurlProgress& own = legs[index].is_ready ? legs[index].at_ready : transfer_.progress;
  const bool has_next = !is_last(index) && legs[index + 1].is_ready;
  return curl_steps(index > 0 ? legs[index - 1].at_ready : CurlProgress{}, own,
                    has_next ? legs[index + 1].at_ready : transfer_.progress);
}

inline CurlMoments CurlReader::moments_of(std::size_t index, const CurlProgress& steps) const {
  const CurlLeg& leg = transfer_.legs[index];
  const Tick start = start_of(index);
  CurlMoments moments;
  moments.is_https = leg.request && leg.request->url.is_https();
  moments.has_name = leg.request && !leg.request->url.host_is_ip();
  moments.is_new = !leg.is_ready || steps.connects > 0;
  moments.is_tunnelled = moments.is_new && steps.proxy_status != 0;
  moments.end = end_of(index) - start;
  // A tunnel is part of no step: then the wait for a turn cannot be told.
  const bool is_counted = leg.is_ready && (!moments.is_tunnelled || moments.is_https);
  const Tick begun = is_counted ? leg.ready - connecting(steps) : std::max(began_, start);
  moments.begun = std::clamp(begun - start, Duration::zero(), moments.end);
  const auto moment = [&moments](Duration step) -> std::optional<Duration> {
    if (step <= Duration::zero()) return std::nullopt;
    return std::min(moments.begun + step, moments.end);
  };
  moments.looked_up = moment(steps.lookup);
  // Of a connection that failed newer ones say 1 us for each step that was not reached.
  const bool has_connected = leg.is_ready || steps.connect > std::chrono::microseconds(1);
  if (has_connected) moments.connected = moment(steps.connect);
  if (moments.is_https && leg.is_ready) moments.shaken = moment(steps.handshake);
  if (leg.is_ready) {
    moments.ready = std::clamp(leg.ready - start, moments.begun, moments.end);
    read_exchange(index, steps, moments);
  }
  return moments;
}

/// How much of a body was sent; unset where it cannot be known.
inline std::optional<curl_off_t> CurlReader::uploaded(std::size_t index) const {
  if (is_last(index)) return transfer_.uploaded;
  const std::string& method = transfer_.legs[index].method;
  if (method == "GET" || method == "HEAD") return 0;
  return std::nullopt;
}

/// Whether the body, if any, was handed to the kernel together with the head: small ones are that
/// do not wait for `100 Continue`.
inline bool CurlReader::is_sent_with_head(std::size_t index) const {
  constexpr curl_off_t kMost = 64 * 1024;
  if (uploaded(index) == 0) return true;
  if (!is_last(index) || transfer_.legs[index].method == "PUT") return false;
  const curl_off_t announced = curl_size(transfer_.handle, CURLINFO_CONTENT_LENGTH_UPLOAD_T);
  return announced >= 0 && announced < kMost;
}

inline void CurlReader::read_exchange(std::size_t index, const CurlProgress& steps,
                                      CurlMoments& moments) const {
  const CurlLeg& leg = transfer_.legs[index];
  const auto step = [&moments](Duration length) -> std::optional<Duration> {
    if (length <= Duration::zero()) return std::nullopt;
    return std::clamp(moments.begun + length, *moments.ready, moments.end);
  };
  const bool has_answer = leg.status != 0;
  moments.sent = step(steps.body_sent > Duration::zero() ? steps.body_sent : steps.head_sent);
  if (has_answer) moments.answered = step(steps.first_byte);
  if (steps.body_sent == Duration::zero() && uploaded(index) != 0) {
    // Until 8.4 the first byte of a body that goes apart counts as the first one received. It goes
    // at once, so that what comes then takes longer than what came before.
    const Duration waited = steps.first_byte - steps.head_sent;
    const bool may_be_sent = curl_running_version() < 0x080400 && moments.answered &&
                             waited <= moments.end - *moments.answered;
    if (may_be_sent || !is_sent_with_head(index)) {
      moments.sent.reset();
      moments.answered.reset();
    }
  }
  // From 8.21 on a request that never had a connection adds its end to the sums of the one before.
  const bool is_last_ready = !is_last(index) && !transfer_.legs[index + 1].is_ready;
  if (is_last_ready && curl_running_version() >= 0x081500) {
    moments.sent.reset();
    moments.answered.reset();
  }
  const Tick start = start_of(index);
  const auto told = [&moments, start](Tick at) {
    return std::clamp<Duration>(at - start, *moments.ready, moments.end);
  };
  if (leg.body_sent) moments.sent = told(*leg.body_sent);
  if (leg.answered && has_answer) moments.answered = told(*leg.answered);
}

}  // namespace xtrace
