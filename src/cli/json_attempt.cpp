#include "cli/json_attempt.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

#include <xtrace/server_says.h>

#include "cli/units.h"

namespace xtrace::cli {

namespace {

constexpr std::array<Phase, 9> kWrittenPhases = {Phase::queue,   Phase::dns_wait, Phase::dns,
                                                 Phase::connect, Phase::proxy,    Phase::tls,
                                                 Phase::request, Phase::response, Phase::body};

std::string_view reason_word(const std::optional<PastAttempt::Reason>& reason) {
  if (!reason) return {};
  return *reason == PastAttempt::Reason::redirected ? "redirected" : "stale_connection";
}

std::string_view reason_word(const std::optional<RetryDecision>& decision) {
  if (!decision) return {};
  return decision->retries() ? "retry" : to_string(decision->veto);
}

struct Interval {
  std::int64_t begin;
  std::int64_t end;
};

/// What of `whole` no interval covers.
std::int64_t uncovered(Interval whole, std::vector<Interval> intervals) {
  std::sort(intervals.begin(), intervals.end(),
            [](const Interval& a, const Interval& b) { return a.begin < b.begin; });
  std::int64_t left = whole.end - whole.begin;
  std::int64_t reached = whole.begin;
  for (const Interval& interval : intervals) {
    const std::int64_t begin = std::max(interval.begin, reached);
    const std::int64_t end = std::min(interval.end, whole.end);
    if (end <= begin) continue;
    left -= end - begin;
    reached = end;
  }
  return left;
}

class AttemptWriter {
 public:
  AttemptWriter(JsonFields& json, const AttemptReport& attempt, Tick call_started)
      : json_(json), attempt_(attempt), timeline_(attempt.timeline), call_started_(call_started) {}

  void write() {
    json_.begin_object();
    json_.number_of("index", attempt_.index);
    json_.number_of("wave", attempt_.wave);
    json_.number_of("start_us", at(Duration{}));
    json_.number_of("dur_us", at(timeline_.total) - at(Duration{}));
    json_.flag("redundant", attempt_.redundant);
    write_connection();
    write_dns();
    write_dials();
    write_tls();
    write_phases();
    write_response();
    write_remarks();
    json_.end_object();
  }

 private:
  std::int64_t at(Duration moment) const {
    return microseconds_of_call(timeline_, call_started_, moment);
  }

  Interval interval(const Span& span) const { return {at(span.begin), at(span.end)}; }

  void write_span(const Span& span) {
    json_.number_of("start_us", at(span.begin));
    json_.number_of("dur_us", at(span.end) - at(span.begin));
    json_.text("outcome", to_string(span.outcome));
  }

  void write_connection() {
    write_number("connection", timeline_.connection);
    json_.text_or_null("proxy", timeline_.proxy);
    json_.flag("left_dial", timeline_.left_dial);
    json_.flag("reused", timeline_.reused);
    if (timeline_.idle_time) {
      json_.number_of("idle_us", whole_microseconds(*timeline_.idle_time));
    } else {
      json_.null_member("idle_us");
    }
    json_.text_or_null("local", timeline_.local.to_string());
    json_.text_or_null("remote", timeline_.remote.to_string());
    const std::optional<Response>& response = attempt_.response;
    json_.text_or_null("http_version",
                       response ? "1." + std::to_string(response->version_minor) : std::string());
    json_.status(response);
    json_.error(timeline_.error);
  }

  /// Counted from 1; `null` for 0.
  void write_number(std::string_view name, std::uint64_t number) {
    if (number == 0) {
      json_.null_member(name);
    } else {
      json_.count(name, number);
    }
  }

  void write_dns() {
    if (!timeline_.dns) {
      json_.null_member("dns");
      return;
    }
    json_.key("dns");
    json_.begin_object();
    json_.text("host", timeline_.dns->host);
    json_.key("addresses");
    json_.begin_array();
    for (const Address& address : timeline_.dns->addresses) json_.string(address.host());
    json_.end_array();
    json_.flag("coalesced", timeline_.dns->coalesced);
    json_.end_object();
  }

  void write_dials() {
    json_.key("dials");
    json_.begin_array();
    for (std::size_t i = 0; i < timeline_.dial_count; ++i) {
      const Dial& dial = timeline_.dials[i];
      json_.begin_object();
      json_.text("address", dial.address.to_string());
      write_span(dial.span);
      json_.error(dial.error);
      json_.end_object();
    }
    json_.end_array();
  }

  void write_tls() {
    if (!timeline_.tls) {
      json_.null_member("tls");
      return;
    }
    const TlsInfo& tls = *timeline_.tls;
    json_.key("tls");
    json_.begin_object();
    json_.text("version", tls.version);
    json_.text("cipher", tls.cipher);
    json_.flag("resumed", tls.resumed);
    json_.text_or_null("alpn", tls.alpn);
    write_peer(tls);
    json_.flag("verified", tls.verified);
    json_.end_object();
  }

  void write_peer(const TlsInfo& tls) {
    json_.key("peer");
    json_.begin_object();
    json_.text("subject", tls.peer_subject);
    json_.text("issuer", tls.peer_issuer);
    const bool is_known = tls.peer_not_after != WallTime{};
    json_.text_or_null("not_after", is_known ? format_utc(tls.peer_not_after) : std::string());
    json_.end_object();
  }

  void write_phases() {
    json_.key("phases");
    json_.begin_object();
    for (const Phase phase : kWrittenPhases) {
      const Span* span = timeline_.find(phase);
      if (span == nullptr) {
        json_.null_member(to_string(phase));
        continue;
      }
      json_.key(to_string(phase));
      json_.begin_object();
      write_span(*span);
      json_.end_object();
    }
    json_.end_object();
  }

  void write_fields(std::string_view name, const Headers& fields) {
    json_.key(name);
    json_.begin_array();
    for (const Header& field : fields) {
      json_.begin_array();
      json_.string(field.name);
      json_.string(field.value);
      json_.end_array();
    }
    json_.end_array();
  }

  void write_duration(std::string_view name, const std::optional<Duration>& duration) {
    if (duration) {
      json_.number_of(name, whole_microseconds(*duration));
    } else {
      json_.null_member(name);
    }
  }

  void write_server_timing(const Headers& headers) {
    json_.key("server_timing");
    json_.begin_array();
    for (const ServerTiming& timing : server_timings(headers)) {
      json_.begin_object();
      json_.text("name", timing.name);
      write_duration("dur_us", timing.duration);
      json_.text_or_null("description", timing.description);
      json_.end_object();
    }
    json_.end_array();
  }

  void write_retry_after(const Headers& headers) {
    const auto ended = std::chrono::duration_cast<WallTime::duration>(timeline_.total);
    write_duration("retry_after_us", retry_after(headers, timeline_.started.wall + ended));
  }

  void write_response() {
    const std::optional<Response>& response = attempt_.response;
    if (!response) {
      json_.null_member("response");
      return;
    }
    json_.key("response");
    json_.begin_object();
    write_fields("headers", response->headers);
    if (response->content_length) {
      json_.count("content_length", *response->content_length);
    } else {
      json_.null_member("content_length");
    }
    json_.count("body_bytes", timeline_.response_body_bytes);
    json_.text_or_null("content_encoding", timeline_.content_encoding);
    if (timeline_.content_encoding.empty()) {
      json_.null_member("decoded_bytes");
    } else {
      json_.count("decoded_bytes", timeline_.decoded_body_bytes);
    }
    write_server_timing(response->headers);
    write_retry_after(response->headers);
    if (!response->trailers.empty()) write_fields("trailers", response->trailers);
    json_.end_object();
  }

  std::int64_t other() const {
    std::vector<Interval> leaves;
    for (const Phase phase : kWrittenPhases) {
      const Span* span = timeline_.find(phase);
      if (span != nullptr && phase != Phase::connect) leaves.push_back(interval(*span));
    }
    for (std::size_t i = 0; i < timeline_.dial_count; ++i) {
      leaves.push_back(interval(timeline_.dials[i].span));
    }
    return uncovered({at(Duration{}), at(timeline_.total)}, std::move(leaves));
  }

  void write_remarks() {
    json_.number_of("other_us", other());
    json_.number_of("loop_delay_us", whole_microseconds(timeline_.loop_delay));
    json_.count("dials_unrecorded", timeline_.dials_unrecorded);
    json_.key("interim");
    json_.begin_array();
    for (std::size_t i = 0; i < timeline_.interim_count; ++i) {
      json_.begin_object();
      json_.number_of("status", timeline_.interims[i].status);
      json_.number_of("at_us", at(timeline_.interims[i].at));
      json_.end_object();
    }
    json_.end_array();
    json_.flag("early_response", timeline_.early_response);
    write_continue_wait();
    json_.text_or_null("superseded", reason_word(attempt_.superseded));
    json_.text_or_null("decision", reason_word(attempt_.decision));
  }

  void write_continue_wait() {
    if (!timeline_.continue_wait) {
      json_.null_member("continue_wait");
      return;
    }
    json_.key("continue_wait");
    json_.begin_object();
    write_span(*timeline_.continue_wait);
    json_.end_object();
  }

  JsonFields& json_;
  const AttemptReport& attempt_;
  const Timeline& timeline_;
  Tick call_started_;
};

}  // namespace

std::int64_t microseconds_of_call(const Timeline& timeline, Tick call_started, Duration moment) {
  return whole_microseconds(timeline.started.tick - call_started + moment);
}

void write_json_attempt(JsonFields& json, const AttemptReport& attempt, Tick call_started) {
  AttemptWriter(json, attempt, call_started).write();
}

}  // namespace xtrace::cli
