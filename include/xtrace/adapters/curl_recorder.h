#pragma once

/// `CurlRecorder` turns a transfer that is over into subsegments. Part of adapters/curl.h.

#include <cstddef>
#include <optional>
#include <string_view>
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
    const std::size_t last = end - 1;
    CurlReader::Told told = reader_.tell(last);
    SubsegmentOptions options{.start = told.exchange.timeline.started.wall,
                              .space = Namespace::remote};
    std::vector<SegmentId> sent;
    if (first == last) {
      options.id = leg.id;
    } else {
      for (std::size_t i = first; i < end; ++i) sent.push_back(transfer_.legs[i].id);
      for (std::size_t i = first; i < last; ++i) told.exchange.past.push_back(repeated(i));
      options.start = told.exchange.past[0].timeline.started.wall;
    }
    Subsegment remote = parent.begin_subsegment(leg.name, options);
    if (!told.untold.empty()) remote.set_metadata("http", "untold", told.untold);
    record_exchange(remote, *leg.request, told.exchange, {.redact = redacts_, .sent = sent});
  }

  PastAttempt repeated(std::size_t index) const {
    CurlReader::Told told = reader_.tell(index);
    return {.reason = PastAttempt::Reason::stale_connection,
            .method = transfer_.legs[index].method,
            .url = transfer_.legs[index].request->url,
            .error = std::move(told.exchange.error),
            .timeline = std::move(told.exchange.timeline)};
  }

  // libcurl takes URLs that our client refuses, and refuses others itself: there is no name then.
  void record_unreadable(const SegmentContext& parent, std::size_t index) const {
    const CurlLeg& leg = transfer_.legs[index];
    const CurlReader::Told told = reader_.tell(index);
    const WallTime start = told.exchange.timeline.started.wall;
    Subsegment remote = parent.begin_subsegment(
        "libcurl", {.id = leg.id, .start = start, .space = Namespace::remote});
    // What is no URL cannot be told from the secrets in it.
    const bool tells_url = !redacts_ || transfer_.result != CURLE_URL_MALFORMAT;
    const std::string_view url = tells_url ? std::string_view(leg.url) : std::string_view();
    remote.set_http_request({.method = leg.method, .url = url, .keep_secrets = !redacts_});
    if (leg.status != 0) remote.set_status(leg.status);
    if (const auto& error = told.exchange.error) {
      remote.add_exception(to_string(error->code), error->message);
    }
    remote.end(start +
               std::chrono::duration_cast<WallTime::duration>(told.exchange.timeline.total));
  }

  const CurlTransfer& transfer_;
  CurlReader reader_;
  bool redacts_;
};

}  // namespace xtrace
