#pragma once

/// How `CurlReader` finds out what went wrong, and in which phase. Part of adapters/curl.h.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <curl/curl.h>

#include <xtrace/adapters/curl_error.h>
#include <xtrace/adapters/curl_reader.h>
#include <xtrace/error.h>
#include <xtrace/traced_exchange.h>

namespace xtrace {

inline Phase CurlReader::phase_of(std::size_t index, const CurlMoments& moments) const {
  const CurlLeg& leg = transfer_.legs[index];
  switch (transfer_.result) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return Phase::none;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return Phase::dns;
    case CURLE_TOO_MANY_REDIRECTS:
      return Phase::body;
    default:
      break;
  }
  if (!leg.is_ready) return phase_unconnected(index, moments);
  if (leg.status != 0) return Phase::body;
  if (transfer_.result == CURLE_SEND_ERROR || transfer_.result == CURLE_READ_ERROR) {
    return Phase::request;
  }
  if (!moments.sent && uploaded(index) == 0) return Phase::request;
  const curl_off_t announced = curl_size(transfer_.handle, CURLINFO_CONTENT_LENGTH_UPLOAD_T);
  return announced > 0 && uploaded(index) < announced ? Phase::request : Phase::response;
}

/// The phase in which a request failed that had no connection yet.
inline Phase CurlReader::phase_unconnected(std::size_t index, const CurlMoments& moments) const {
  if (transfer_.progress.total == Duration::zero()) return Phase::none;
  const CurlProgress steps = steps_of(index);
  if (steps.connects == 0 && !moments.connected) {
    if (moments.looked_up) return Phase::dial;
    // Before it looks up it may wait for a connection to become free.
    const bool is_late = transfer_.result == CURLE_OPERATION_TIMEDOUT;
    const bool is_looking = transfer_.error_text.empty() ||
                            transfer_.error_text.find("Resolving") != std::string_view::npos;
    return moments.has_name && (is_looking || !is_late) ? Phase::dns : Phase::queue;
  }
  const bool is_refused = steps.proxy_status >= 300 || transfer_.result == CURLE_PROXY;
  return moments.is_https && !is_refused ? Phase::tls : Phase::proxy;
}

/// What went wrong in this request; marks it in `moments`.
inline std::optional<Error> CurlReader::error_of(std::size_t index, CurlMoments& moments) const {
  const CurlLeg& leg = transfer_.legs[index];
  if (!is_last(index)) {
    if (!leg.is_repeated) return std::nullopt;
    moments.failed = Phase::response;
    moments.outcome = Outcome::error;
    return Error{Error::Code::empty_reply, Phase::response,
                 "response " + leg.name + ": no answer came, and libcurl sent the request again"};
  }
  // CURLOPT_FAILONERROR: an answer is an answer.
  const bool is_fine =
      transfer_.result == CURLE_OK || transfer_.result == CURLE_HTTP_RETURNED_ERROR;
  if (is_fine && !transfer_.is_given_up) return std::nullopt;
  moments.failed = phase_of(index, moments);
  if (transfer_.is_given_up) {
    moments.outcome = Outcome::abandoned;
    return Error{Error::Code::cancelled, moments.failed, "cancelled by the caller"};
  }
  Error error = failure_of(leg.name, moments.failed);
  const bool is_left = error.code == Error::Code::cancelled;
  moments.outcome = is_timeout(error.code) ? Outcome::timeout
                    : is_left              ? Outcome::abandoned
                                           : Outcome::error;
  return error;
}

inline Error CurlReader::failure_of(std::string_view object, Phase phase) const {
  CurlFailure failure{.result = transfer_.result, .phase = phase};
  failure.system_error = curl_number(transfer_.handle, CURLINFO_OS_ERRNO);
  failure.verification = curl_number(transfer_.handle, CURLINFO_SSL_VERIFYRESULT);
  failure.proxy_status = transfer_.progress.proxy_status;
  failure.text = transfer_.error_text;
  return curl_error(failure, object);
}

}  // namespace xtrace
