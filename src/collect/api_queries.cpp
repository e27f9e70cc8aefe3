#include "collect/api_queries.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "collect/filter.h"
#include "collect/graph_json.h"
#include "collect/service_graph.h"
#include "collect/trace_summary.h"

namespace xtrace::collect {

namespace {

constexpr std::size_t kPageTraces = 100;
constexpr std::string_view kGroup = "Default";
constexpr std::string_view kGroupArn = "arn:aws:xray:local:000000000000:group/Default";

struct TimeFrame {
  double from = 0;
  double to = 0;

  /// Whether something that ran from `begin` to `end` is in it. Who asks until now in whole seconds
  /// means all of the last one.
  bool holds(double begin, double end) const { return end >= from && std::floor(begin) <= to; }
};

TimeFrame read_frame(ApiBody& body) {
  body.require("StartTime");
  body.require("EndTime");
  const TimeFrame frame{body.time("StartTime").value_or(0), body.time("EndTime").value_or(0)};
  if (frame.from > frame.to) body.complain("StartTime is later than EndTime.");
  return frame;
}

/// What of a trace has to be in the time frame.
enum class RangeKind : std::uint8_t {
  trace_id,  ///< Its beginning.
  event,     ///< The last time that something of it came.
  service,   ///< Any of the time for which it ran.
};

RangeKind read_range(ApiBody& body) {
  const std::string name = body.text("TimeRangeType").value_or("TraceId");
  if (name == "Event") return RangeKind::event;
  if (name == "Service") return RangeKind::service;
  if (name != "TraceId") {
    body.complain("TimeRangeType is none of TraceId, Event and Service.");
  }
  return RangeKind::trace_id;
}

Filter read_filter(ApiBody& body) {
  const Expected<Filter> filter = Filter::parse(body.text("FilterExpression").value_or(""));
  if (const Error* error = filter.if_error()) {
    body.complain("FilterExpression: " + error->message + '.');
    return {};
  }
  return *filter;
}

void read_group(ApiBody& body) {
  if (body.text("GroupName").value_or(std::string{kGroup}) != kGroup ||
      body.text("GroupARN").value_or(std::string{kGroupArn}) != kGroupArn) {
    body.complain("There is no such group: the only one is Default.");
  }
}

/// When a trace began; where nothing of it says so, when it came.
double beginning_of(const StoredTrace& trace, const TraceDigest& digest) {
  return digest.start > 0 ? digest.start : epoch_seconds(trace.first_received());
}

bool is_within(const TimeFrame& frame, RangeKind range, const StoredTrace& trace,
               const TraceDigest& digest) {
  const double begin = beginning_of(trace, digest);
  if (range == RangeKind::service) return frame.holds(begin, begin + digest.duration);
  const double at = range == RangeKind::event ? epoch_seconds(trace.last_received()) : begin;
  return frame.holds(at, at);
}

/// A trace's place in the order of the pages.
struct Place {
  double beginning = 0;
  TraceId id{};

  /// Whether `other` comes first: the later one.
  friend bool operator<(const Place& place, const Place& other) {
    if (place.beginning != other.beginning) return other.beginning < place.beginning;
    return other.id.text() < place.id.text();
  }
};

std::string token_of(const Place& place) {
  std::array<char, 32> number{};
  const auto written = std::to_chars(number.data(), number.data() + number.size(), place.beginning);
  std::string token(number.data(), written.ptr);
  token += '/';
  token += place.id.text();
  return token;
}

/// Nothing where there is no token.
std::optional<Place> read_token(ApiBody& body) {
  const std::optional<std::string> token = body.text("NextToken");
  if (!token) return std::nullopt;
  Place place;
  const char* const end = token->data() + token->size();
  const auto number = std::from_chars(token->data(), end, place.beginning);
  if (number.ec == std::errc{} && number.ptr != end && *number.ptr == '/') {
    const Expected<TraceId> id = TraceId::parse({number.ptr + 1, end});
    if (id) {
      place.id = *id;
      return place;
    }
  }
  body.complain("NextToken is none that the answer before gave.");
  return std::nullopt;
}

struct Candidate {
  Place place{};
  const StoredTrace* trace = nullptr;

  friend bool operator<(const Candidate& a, const Candidate& b) { return a.place < b.place; }
};

struct SummaryQuery {
  TimeFrame frame{};
  RangeKind range{};
  Filter filter{};
  std::optional<Place> behind{};
};

struct SummaryPage {
  std::vector<Candidate> traces{};
  bool is_last = true;
  std::uint64_t processed = 0;  ///< All within the time frame, whatever the filter says.
};

SummaryPage select_page(const SummaryQuery& query, const TraceStore& store) {
  SummaryPage page;
  store.visit_newest([&](const StoredTrace& trace) {
    const TraceDigest& digest = store.digest(trace);
    if (!is_within(query.frame, query.range, trace, digest)) return true;
    ++page.processed;
    const Candidate candidate{{beginning_of(trace, digest), trace.id()}, &trace};
    if (query.behind && !(*query.behind < candidate.place)) return true;
    if (query.filter.matches(digest)) page.traces.push_back(candidate);
    return true;
  });
  page.is_last = page.traces.size() <= kPageTraces;
  const auto count = static_cast<std::ptrdiff_t>(std::min(page.traces.size(), kPageTraces));
  std::partial_sort(page.traces.begin(), page.traces.begin() + count, page.traces.end());
  page.traces.resize(static_cast<std::size_t>(count));
  return page;
}

void write_summaries(JsonWriter& json, const SummaryPage& page, RangeKind range,
                     const TraceStore& store) {
  json.begin_array();
  for (const Candidate& candidate : page.traces) {
    const StoredTrace& trace = *candidate.trace;
    std::optional<double> matched;
    if (range == RangeKind::event) matched = epoch_seconds(trace.last_received());
    write_trace_summary(json, store.digest(trace), trace, matched);
  }
  json.end_array();
}

void write_no_token(JsonWriter& json) {
  json.key("NextToken");
  json.null();
}

void write_group(JsonWriter& json) {
  json.begin_object();
  json.key("GroupName");
  json.string(kGroup);
  json.key("GroupARN");
  json.string(kGroupArn);
  json.key("InsightsConfiguration");
  json.begin_object();
  json.key("InsightsEnabled");
  json.boolean(false);
  json.key("NotificationsEnabled");
  json.boolean(false);
  json.end_object();
  json.end_object();
}

}  // namespace

ApiReply get_trace_summaries(ApiBody& body, const TraceStore& store) {
  const SummaryQuery query{read_frame(body), read_range(body), read_filter(body), read_token(body)};
  if (body.complaint()) return invalid_request(*body.complaint());
  const SummaryPage page = select_page(query, store);
  ApiReply reply;
  JsonWriter json(reply.body);
  json.begin_object();
  json.key("TraceSummaries");
  write_summaries(json, page, query.range, store);
  json.key("ApproximateTime");
  json.seconds(page.traces.empty() ? query.frame.from : page.traces.back().place.beginning);
  json.key("TracesProcessedCount");
  json.unsigned_integer(page.processed);
  if (page.is_last) {
    write_no_token(json);
  } else {
    json.key("NextToken");
    json.string(token_of(page.traces.back().place));
  }
  json.end_object();
  return reply;
}

ApiReply get_service_graph(ApiBody& body, const TraceStore& store) {
  const TimeFrame frame = read_frame(body);
  read_group(body);
  if (body.complaint()) return invalid_request(*body.complaint());
  ServiceGraph graph;
  store.visit_newest([&](const StoredTrace& trace) {
    const TraceDigest& digest = store.digest(trace);
    if (is_within(frame, RangeKind::service, trace, digest)) graph.add(digest);
    return true;
  });
  ApiReply reply;
  JsonWriter json(reply.body);
  json.begin_object();
  json.key("StartTime");
  json.seconds(frame.from);
  json.key("EndTime");
  json.seconds(frame.to);
  json.key("Services");
  write_services(json, graph);
  json.key("ContainsOldGroupVersions");
  json.boolean(false);
  write_no_token(json);
  json.end_object();
  return reply;
}

ApiReply get_trace_graph(ApiBody& body, const TraceStore& store) {
  body.require("TraceIds");
  const std::vector<std::string> ids = body.texts("TraceIds");
  if (body.complaint()) return invalid_request(*body.complaint());
  ServiceGraph graph;
  std::set<const StoredTrace*> added;  // An id that is named twice is one trace.
  for (const std::string& text : ids) {
    const Expected<TraceId> id = TraceId::parse(text);
    const StoredTrace* trace = id ? store.find(*id) : nullptr;
    if (trace != nullptr && added.insert(trace).second) graph.add(store.digest(*trace));
  }
  ApiReply reply;
  JsonWriter json(reply.body);
  json.begin_object();
  json.key("Services");
  write_services(json, graph);
  write_no_token(json);
  json.end_object();
  return reply;
}

ApiReply get_groups(ApiBody& body) {
  if (body.complaint()) return invalid_request(*body.complaint());
  ApiReply reply;
  JsonWriter json(reply.body);
  json.begin_object();
  json.key("Groups");
  json.begin_array();
  write_group(json);
  json.end_array();
  write_no_token(json);
  json.end_object();
  return reply;
}

ApiReply get_group(ApiBody& body) {
  read_group(body);
  if (body.complaint()) return invalid_request(*body.complaint());
  ApiReply reply;
  JsonWriter json(reply.body);
  json.begin_object();
  json.key("Group");
  write_group(json);
  json.end_object();
  return reply;
}

}  // namespace xtrace::collect
