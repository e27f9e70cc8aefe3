#include "instrument/client_metrics_requests.h"

#include <cstddef>

#include "client/limit_error.h"
#include "instrument/client_metrics_list.h"

namespace xtrace {

namespace {

std::string_view text_of(bool value) {
  return value ? "true" : "false";
}

int status_of(const std::optional<Response>& response) {
  return response ? response->status : 0;
}

/// A Unix socket is dialled, too, and that is not TCP.
bool is_tcp(const Timeline& timeline) {
  return timeline.dial_count > 0 && timeline.dials[0].address.family() != Address::Family::local;
}

/// The first byte of the first head, be it an interim one; null where none came.
const Duration* first_byte_at(const Timeline& timeline) {
  if (timeline.interim_count > 0) return &timeline.interims[0].at;
  const Span* body = timeline.find(Phase::body);
  return body != nullptr ? &body->begin : nullptr;
}

/// What it ended as; nothing where it was given up. By the timeline's error: an exchange that ends
/// because a redirect cannot be followed has one of its own, and nothing was wrong with the
/// request.
std::optional<StatusNumber> status_at_end(int status, const Timeline& timeline) {
  if (!timeline.error) return status == 0 ? std::nullopt : std::optional(status);
  switch (outcome_of(*timeline.error)) {
    case Outcome::timeout:
      return kTimeoutStatus;
    case Outcome::abandoned:
      return std::nullopt;
    default:
      return kErrorStatus;
  }
}

}  // namespace

void RequestMetrics::record(std::string_view target_id, std::string_view method, const Url& url,
                            const Exchange& exchange) {
  const Url* asked = &url;
  for (const PastAttempt& past : exchange.past) {
    method = past.method;
    asked = &past.url;
    measure({target_id, past.url, past.method, past.timeline.reused}, status_of(past.response),
            past.timeline);
  }
  if (exchange.led_to) {
    method = exchange.led_to->first;
    asked = &exchange.led_to->second;
  }
  measure({target_id, *asked, method, exchange.timeline.reused}, status_of(exchange.response),
          exchange.timeline);
}

void RequestMetrics::measure(const RequestKind& kind, int status, const Timeline& timeline) {
  measured_.clear();
  Entry& entry = rows_.find(kind);
  if (has_all_) {
    measure_connection(entry, timeline);
    measure_exchange(entry, timeline);
  }
  measure_answer(entry, status, timeline);
  measured_.record_into(sink_);
}

void RequestMetrics::measure_connection(Entry& entry, const Timeline& timeline) {
  const Span* connect = timeline.find(Phase::connect);
  if (connect != nullptr) {
    if (const Span* dns = timeline.find(Phase::dns))
      measure_phase(entry, &Row::dns, metric::kDns, *dns);
    if (is_tcp(timeline))
      measure_phase(entry, &Row::tcp_connect, metric::kTcpConnect, *timeline.dialling());
    if (const Span* tls = timeline.find(Phase::tls))
      measure_phase(entry, &Row::tls_handshake, metric::kTlsHandshake, *tls);
  }
  // Whoever began to send had a connection.
  if (timeline.find(Phase::request) == nullptr) return;
  const Span* had = connect != nullptr ? connect : timeline.find(Phase::queue);
  if (had == nullptr) return;
  MetricSeries*& series = entry.row.got_connection;
  if (series == nullptr) {
    const MetricTag tags[] = {{"target_id", entry.tags.target_id},
                              {"reused", text_of(entry.tags.is_reused)}};
    series = &sink_.series(metric::kGotConnection, tags);
  }
  measured_.add(*series, had->end);
}

void RequestMetrics::measure_phase(Entry& entry, ByOutcome Row::*member, const MetricInfo& info,
                                   const Span& span) {
  if (span.outcome == Outcome::abandoned) return;
  MetricSeries*& series = (entry.row.*member)[static_cast<std::size_t>(span.outcome)];
  if (series == nullptr) {
    const MetricTag tags[] = {{"target_id", entry.tags.target_id},
                              {"status", to_string(span.outcome)}};
    series = &sink_.series(info, tags);
  }
  measured_.add(*series, span.length());
}

void RequestMetrics::measure_exchange(Entry& entry, const Timeline& timeline) {
  const Span* written = timeline.find(Phase::request);
  if (written != nullptr && written->outcome != Outcome::abandoned) {
    MetricSeries*& series = entry.row.request_written[static_cast<std::size_t>(written->outcome)];
    if (series == nullptr) {
      const MetricTag tags[] = {{"target_id", entry.tags.target_id},
                                {"method", entry.tags.method},
                                {"reused", text_of(entry.tags.is_reused)},
                                {"status", to_string(written->outcome)}};
      series = &sink_.series(metric::kRequestWritten, tags);
    }
    measured_.add(*series, written->end);
  }
  const Duration* first_byte = first_byte_at(timeline);
  if (first_byte == nullptr) return;
  MetricSeries*& series = entry.row.first_byte;
  if (series == nullptr) {
    const MetricTag tags[] = {{"target_id", entry.tags.target_id},
                              {"method", entry.tags.method},
                              {"reused", text_of(entry.tags.is_reused)}};
    series = &sink_.series(metric::kFirstByte, tags);
  }
  measured_.add(*series, *first_byte);
}

void RequestMetrics::measure_answer(Entry& entry, int status, const Timeline& timeline) {
  const std::optional<StatusNumber> end = status_at_end(status, timeline);
  if (!end && timeline.error) count_abandoned(entry, timeline.error->code);
  if (!timeline.head_read || status == 0) {
    if (end) add_by_status(entry, &Row::request, metric::kRequest, *end, timeline.total);
    return;
  }
  add_by_status(entry, &Row::request, metric::kRequest, status, *timeline.head_read);
  if (has_all_ && end)
    add_by_status(entry, &Row::fully_read, metric::kFullyRead, *end, timeline.total);
}

void RequestMetrics::add_by_status(Entry& entry, SeriesByStatus Row::*member,
                                   const MetricInfo& info, StatusNumber status, Duration value) {
  const auto make = [&](const StatusText& text) -> MetricSeries& {
    const MetricTag tags[] = {{"target_id", entry.tags.target_id},
                              {"method", entry.tags.method},
                              {"reused", text_of(entry.tags.is_reused)},
                              {"status", text.status()},
                              {"status_class", text.status_class()}};
    return sink_.series(info, tags);
  };
  measured_.add((entry.row.*member).find_or_make(status, make), value);
}

void RequestMetrics::count_abandoned(Entry& entry, Error::Code code) {
  MetricSeries*& series =
      code == Error::Code::redundant ? entry.row.redundant : entry.row.cancelled;
  if (series == nullptr) {
    const MetricTag tags[] = {{"target_id", entry.tags.target_id}, {"reason", to_string(code)}};
    series = &sink_.series(metric::kAbandoned, tags);
  }
  series->record(1);
}

}  // namespace xtrace
