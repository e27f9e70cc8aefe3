#pragma once

/// The forms in which a trace is named, and the way from each to each.

#include <cstdint>
#include <string>
#include <string_view>

#include <xtrace/expected.h>
#include <xtrace/trace_header.h>

namespace xtrace::cli {

enum class IdForm : std::uint8_t {
  xray,         ///< `1-58406520-a006649127e371903a2de979`
  w3c,          ///< The same without version and dashes.
  segment,      ///< `53995c3f42cd8ad8`
  header,       ///< The value of `X-Amzn-Trace-Id`.
  traceparent,  ///< The value of W3C's `traceparent`.
  time,         ///< When the trace began, `2016-12-01T17:59:28Z`.
  json,         ///< All of them.
};

/// A trace as somebody wrote it down.
struct NamedTrace {
  TraceHeader header{};  ///< What was said of it; of a lone segment id only `parent`.
  IdForm given = IdForm::xray;
};

/// Reads any form but `time` and `json`; blanks around it and the name of a header before it do no
/// harm. Fails with `invalid_document`; the message says what is wrong without repeating the text.
Expected<NamedTrace> read_id(std::string_view text);

/// What it is converted to where nobody says: X-Ray's form to W3C's and the other way round.
IdForm counterpart(IdForm given);

/// Fills in what `form` needs and nobody said: a trace of `now`, a segment id, sampled where the
/// trace was named by its bare id. What a header leaves undecided stays so.
void complete(NamedTrace& trace, IdForm form, WallTime now);

/// Fails with `invalid_document` where the trace has no such form: a lone segment id names no
/// trace, an unsampled trace's zeros have no `traceparent`, a header's parent may be no id.
Expected<std::string> write_id(const TraceHeader& header, IdForm form);

}  // namespace xtrace::cli
