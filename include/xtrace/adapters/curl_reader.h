#pragma once

/// `CurlReader` finds out what happened in a transfer that is over, and when. Part of
/// adapters/curl.h.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <curl/curl.h>

#include <xtrace/adapters/curl_error.h>
#include <xtrace/adapters/curl_leg.h>
#include <xtrace/adapters/curl_progress.h>
#include <xtrace/adapters/curl_timeline.h>
#include <xtrace/clock.h>
#include <xtrace/error.h>
#include <xtrace/timeline.h>
#include <xtrace/traced_exchange.h>

namespace xtrace {

/// A transfer that is over.
struct CurlTransfer {
  CURL* handle = nullptr;
  TimePoint begun{};  ///< When its first request was given its trace header.
  Tick over{};
  CurlProgress progress{};
  CURLcode result = CURLE_OK;
  bool is_given_up = false;
  std::string_view error_text{};
  std::span<CurlLeg> legs{};
  curl_off_t uploaded = 0;  ///< By the last request.
};

class CurlReader {
 public:
  /// What became of one request. `untold` names the phases that are not in the timeline though
  /// they happened.
  struct Told {
    Exchange exchange{};
    CurlUntold untold{};
  };

  /// `transfer` outlives it.
  explicit CurlReader(const CurlTransfer& transfer) : transfer_(transfer), began_(began()) {}

  Told tell(std::size_t index) const;

 private:
  bool is_last(std::size_t index) const { return index + 1 == transfer_.legs.size(); }
  static Duration connecting(const CurlProgress& steps) {
    return std::max({steps.lookup, steps.connect, steps.handshake});
  }

  Tick began() const;
  Tick start_of(std::size_t index) const;
  Tick end_of(std::size_t index) const;
  CurlProgress steps_of(std::size_t index) const;
  CurlMoments moments_of(std::size_t index, const CurlProgress& steps) const;
  void read_exchange(std::size_t index, const CurlProgress& steps, CurlMoments& moments) const;
  std::optional<curl_off_t> uploaded(std::size_t index) const;
  bool is_sent_with_head(std::size_t index) const;
  Phase phase_of(std::size_t index, const CurlMoments& moments) const;
  Phase phase_unconnected(std::size_t index, const CurlMoments& moments) const;
  std::optional<Error> error_of(std::size_t index, CurlMoments& moments) const;
  Error failure_of(std::string_view object, Phase phase) const;

  const CurlTransfer& transfer_;
  Tick began_;
};

}  // namespace xtrace

#include <xtrace/adapters/curl_reader_failures.h>
#include <xtrace/adapters/curl_reader_functions.h>
