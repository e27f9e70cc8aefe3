#pragma once

/// `CurlRecorder` turns a transfer that is over into subsegments. Part of adapters/curl.h.

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include <curl/curl.h>

#include <xtrace/adapters/curl_reader.h>
#include <xtrace/segment.h>
#include <xtrace/traced_exchange.h>

namespace xtrace {

class CurlRecorder {
 public:
  /// `transfer` outlives it.
  CurlRecorder(const CurlTransfer& transfer, bool redacts)
      : transfer_(transfer), reader_(transfer), redacts_(redacts) {}

  /// A subsegment for each place the transfer was led to, side by side below `parent`.
  void record_below(const SegmentContext& parent) const {
    for (std::size_t first = 0; first < transfer_.legs.size();) {
      std::size_t end = first + 1;
      while (end < transfer_.legs.size() && transfer_.legs[end - 1].is_repeated) ++end;
      if (transfer_.legs[first].request) {
        record(parent, first, end);
      } else {
        record_unreadable(parent, end - 1);
      }
      first = end;
    }
  }

 private:
  /// What was sent to one URL, more than once where a reused connection was dead.
  void record(const SegmentContext& parent, std::size_t first, std::size_t end) const {
    const CurlLeg& leg = transfer_.legs[first];
    const bool is_single = end == first + 1;
    Exchange exchange;
    std::vector<SegmentId> sent;
    std::optional<WallTime> start;
    CurlUntold untold;
    for (std::size_t i = first; i < end; ++i) {
      CurlReader::Told told = reader_.tell(i);
      if (!start) start = told.timeline.started.wall;
      if (!told.untold.empty()) untold = told.untold;
      sent.push_back(transfer_.legs[i].id);
      if (i + 1 < end) {
        exchange.past.push_back(repeated(leg, std::move(told)));
      } else {
        exchange.response = response_of(transfer_.legs[i]);
        exchange.error = std::move(told.error);
        exchange.timeline = std::move(told.timeline);
      }
    }
    SubsegmentOptions options{.start = start, .space = Namespace::remote};
    if (is_single) options.id = leg.id;
    Subsegment remote = parent.begin_subsegment(remote_name(leg.request->url), options);
    if (!untold.empty()) remote.set_metadata("http", "untold", untold);
    record_exchange(remote, *leg.request, exchange, {.redact = redacts_, .sent = sent});
  }

  static PastAttempt repeated(const CurlLeg& leg, CurlReader::Told told) {
    return {.reason = PastAttempt::Reason::stale_connection,
            .method = leg.request->method,
            .url = leg.request->url,
            .error = std::move(told.error),
            .timeline = std::move(told.timeline)};
  }

  static std::optional<Response> response_of(const CurlLeg& leg) {
    if (leg.status == 0) return std::nullopt;
    std::optional<Response> response(std::in_place);
    response->status = leg.status;
    response->content_length = leg.content_length;
    return response;
  }

  // libcurl takes URLs that our client refuses, and refuses others itself: there is no name then.
  void record_unreadable(const SegmentContext& parent, std::size_t index) const {
    const CurlLeg& leg = transfer_.legs[index];
    const CurlReader::Told told = reader_.tell(index);
    const WallTime start = told.timeline.started.wall;
    Subsegment remote = parent.begin_subsegment(
        "libcurl", {.id = leg.id, .start = start, .space = Namespace::remote});
    remote.set_http_request({.method = leg.method, .url = leg.url, .keep_secrets = !redacts_});
    if (leg.status != 0) remote.set_status(leg.status);
    if (told.error) remote.add_exception(to_string(told.error->code), told.error->message);
    remote.end(start + std::chrono::duration_cast<WallTime::duration>(told.timeline.total));
  }

  const CurlTransfer& transfer_;
  CurlReader reader_;
  bool redacts_;
};

}  // namespace xtrace
