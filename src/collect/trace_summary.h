#pragma once

/// A trace in one object of GetTraceSummaries: the service's `TraceSummary` of 2016-04-12.
///
/// `HasFault` and `HasError` are those of the root segment, `HasThrottle` that of any, as the
/// service has it. Response time root causes are not worked out: their list is empty.

#include <optional>

#include <xtrace/segment_facts.h>

#include "base/json_writer.h"
#include "collect/stored_trace.h"
#include "collect/trace_digest.h"

namespace xtrace::collect {

/// `matched` is written as MatchedEventTime where it is given: epoch seconds, for a request whose
/// TimeRangeType is `Event`.
void write_trace_summary(JsonWriter& json, const TraceDigest& trace, const StoredTrace& stored,
                         std::optional<double> matched = {});

/// What came of the trace for who asked: error and fault of its root segment, throttle of any.
/// Where no root segment has come, those of all that has.
Flags outcome_of(const TraceDigest& trace);

/// The members of a `ServiceId`, and of what begins as it does, into the object that is open.
void write_service_id(JsonWriter& json, const DigestService& service);

}  // namespace xtrace::collect
