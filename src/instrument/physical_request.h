#pragma once

/// One physical request as a subsegment tells it: what was asked for, what was answered, what went
/// wrong.

#include <optional>
#include <string_view>

#include <xtrace/client.h>
#include <xtrace/segment.h>

namespace xtrace {

struct PhysicalRequest {
  std::string_view method;
  const Url& url;
  const Response* response = nullptr;
  const Error* error = nullptr;
  const Timeline& timeline;
  bool counts_bodies = true;  ///< As `RecordOptions`.
};

/// The http block and X-Ray's flags by the status; none for an attempt that lost a race. `redacts`:
/// without query string and userinfo.
void record_http(Subsegment& subsegment, const PhysicalRequest& request, bool redacts);

/// A fault with its cause. An attempt that lost a race is none: it has metadata that says so.
void record_error(Subsegment& subsegment, const Error* error);

}  // namespace xtrace
