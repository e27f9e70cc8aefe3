#pragma once

/// `TracedPlans` runs plans below a segment, against a scripted server.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <xtrace/segment.h>
#include <xtrace/traced_plan.h>
#include <xtrace/tracer.h>

#include "client/plan_fixture.h"
#include "instrument/plan_document.h"

namespace xtrace::testing {

/// The values of that field in what one connection received, a request each.
inline std::vector<std::string> fields_of(const std::string& received, std::string_view name) {
  std::vector<std::string> values;
  const std::string wanted = "\r\n" + std::string(name) + ": ";
  for (std::size_t at = received.find(wanted); at != std::string::npos;
       at = received.find(wanted, at)) {
    at += wanted.size();
    values.push_back(received.substr(at, received.find("\r\n", at) - at));
  }
  return values;
}

struct TracedPlans : PlanFixture {
  Segment segment = Segment::begin("test");
  std::optional<TracedPlanClient> traced;
  TracedPlanCall traced_call;

  TracedPlanClient& traced_client() {
    if (!traced) traced.emplace(plan_client());
    return *traced;
  }

  /// Starts without waiting.
  void begin(Plan what, const SegmentContext& parent) {
    result.reset();
    traced_call =
        traced_client().execute(parent, std::make_shared<const Plan>(std::move(what)),
                                [this](Execution& execution) { result = std::move(execution); });
  }

  /// Runs a plan to its end.
  const Execution& trace(Plan what, const SegmentContext& parent) {
    begin(std::move(what), parent);
    loop.run_until([this] { return result.has_value(); });
    return *result;
  }
  const Execution& trace(Plan what) { return trace(std::move(what), segment); }

  /// What the requests on that connection named as their parents.
  std::vector<std::string> parents(std::size_t connection = 0) const {
    std::vector<std::string> all;
    for (const std::string& value : fields_of(server.received(connection), "X-Amzn-Trace-Id"))
      all.push_back(parse_trace_header(value).parent);
    return all;
  }

  bool has_received(std::size_t connection = 0) const {
    return server.received(connection).ends_with("\r\n\r\n");
  }

  /// The subsegments of the segment, which ends.
  json recorded() {
    segment.end();
    return json::parse(segment.documents().documents.at(0)).value("subsegments", json::array());
  }

  json only_host() {
    const json all = recorded();
    REQUIRE(all.size() == 1);
    return all.at(0);
  }
};

}  // namespace xtrace::testing
