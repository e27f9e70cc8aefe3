#pragma once

/// The blocks of a segment document that are made of a span's attributes. Each takes what it uses,
/// and writes nothing where there is nothing.

#include <deque>
#include <string>

#include "base/json_writer.h"
#include "collect/otlp_span.h"

namespace xtrace::collect {

/// `http`, with `traced` in it or beside it, and the marks: `error`, `throttle`, `fault`, by the
/// status of HTTP or of the span.
void write_http_block(JsonWriter& json, OtlpSpan& span, std::deque<std::string>& decoded);
/// `cause`: the exceptions among the events, or the status' message.
void write_cause_block(JsonWriter& json, const OtlpSpan& span, std::deque<std::string>& decoded);
/// `sql`, unless the database is one of another kind.
void write_sql_block(JsonWriter& json, OtlpSpan& span);
/// `aws` of what was called, and, of a segment, of where it ran.
void write_aws_block(JsonWriter& json, OtlpSpan& span, OtlpAttributeList& resource);
/// `origin`, `resource_arn` and `service` of a segment.
void write_service_members(JsonWriter& json, OtlpAttributeList& resource);

}  // namespace xtrace::collect
