#pragma once

/// Literal executions, and the documents that are made of them.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <xtrace/plan.h>
#include <xtrace/segment.h>
#include <xtrace/traced_plan.h>

namespace xtrace::testing {

using namespace std::chrono_literals;
using nlohmann::json;

/// On a clock of its own: nothing in these tests is now.
inline const TimePoint kBegan{WallTime(1'763'685'600s), Tick(1000s)};

inline TimePoint began_after(Duration offset) {
  return {kBegan.wall + std::chrono::duration_cast<WallTime::duration>(offset),
          kBegan.tick + offset};
}

/// An attempt that is over, as the engine leaves it.
struct Tried {
  int wave = 0;
  Duration at{};
  Duration took = 4ms;
  int status = 0;  ///< 0: no response.
  std::optional<Error> error{};
  bool is_redundant = false;
  bool is_reused = false;
};

inline Timeline timeline_of(const Tried& tried) {
  const bool is_cut = tried.error.has_value();
  const Outcome last = !is_cut                                       ? Outcome::ok
                       : tried.error->code == Error::Code::redundant ? Outcome::abandoned
                       : is_timeout(tried.error->code)               ? Outcome::timeout
                                                                     : Outcome::error;
  Timeline timeline;
  timeline.started = began_after(tried.at);
  timeline.total = tried.took;
  timeline.reused = tried.is_reused;
  if (!tried.is_reused) timeline.set(Phase::connect, {0ms, 1ms, Outcome::ok});
  timeline.set(Phase::request, {1ms, 2ms, Outcome::ok});
  if (tried.status == 0) {
    timeline.set(Phase::response, {2ms, tried.took, last});
  } else {
    timeline.set(Phase::response, {2ms, 3ms, Outcome::ok});
    timeline.set(Phase::body, {3ms, tried.took, last});
  }
  timeline.error = tried.error;
  return timeline;
}

inline Exchange exchange_of(const Tried& tried) {
  Exchange exchange;
  if (tried.status != 0) {
    exchange.response = Response{.status = tried.status, .content_length = 7};
  }
  exchange.error = tried.error;
  exchange.timeline = timeline_of(tried);
  return exchange;
}

inline Execution execution_of(const std::vector<Tried>& attempts,
                              const char* url = "http://user:secret@shop:8080/cart?token=secret") {
  Execution execution;
  Plan plan(Request(Url::parse(url).value()));
  execution.plan = std::make_shared<const Plan>(std::move(plan));
  execution.started = kBegan;
  Duration total{};
  for (const Tried& tried : attempts) {
    AttemptRecord& attempt = execution.attempts.emplace_back();
    attempt.index = execution.attempt_ends++;
    attempt.wave = tried.wave;
    attempt.started = began_after(tried.at);
    attempt.is_over = true;
    attempt.is_redundant = tried.is_redundant;
    attempt.exchange = exchange_of(tried);
    execution.wave = tried.wave;
    execution.attempt = attempt.index;
    total = std::max(total, tried.at + tried.took);
  }
  execution.total = total;
  execution.present = kBegan.tick + total;
  return execution;
}

/// The document of a segment with this execution as its only child.
inline json document_of(const Execution& execution, const RecordPlanOptions& options = {}) {
  Segment segment = Segment::begin("test", {.start = kBegan.wall});
  record_execution(segment.context(), execution, options);
  segment.end(kBegan.wall + 10s);
  const DocumentSet set = segment.documents();
  REQUIRE(set.documents.size() == 1);
  return json::parse(set.documents.front());
}

inline json host_of(const Execution& execution, const RecordPlanOptions& options = {}) {
  const json document = document_of(execution, options);
  REQUIRE(document.at("subsegments").size() == 1);
  return document.at("subsegments").at(0);
}

inline std::vector<std::string> names_below(const json& node) {
  std::vector<std::string> names;
  for (const json& child : node.value("subsegments", json::array()))
    names.push_back(child.at("name"));
  return names;
}

inline json child_of(const json& node, std::string_view name) {
  for (const json& child : node.value("subsegments", json::array())) {
    if (child.at("name") == name) return child;
  }
  FAIL("no subsegment named " << std::string(name) << " in " << node.dump());
  return {};
}

/// Nothing in the tree is still going on.
inline void check_no_open_child(const json& node) {
  CHECK_FALSE(node.contains("in_progress"));
  CHECK(node.contains("end_time"));
  for (const json& child : node.value("subsegments", json::array())) check_no_open_child(child);
}

/// `error`, `throttle` and `fault`, those that are set, with blanks between.
inline std::string flags_of(const json& node) {
  std::string flags;
  for (const char* flag : {"error", "throttle", "fault"}) {
    if (node.value(flag, false)) flags += (flags.empty() ? "" : " ") + std::string(flag);
  }
  return flags;
}

/// Milliseconds from the start of the execution.
inline double offset_of(const json& node, const char* key) {
  return (node.at(key).get<double>() - 1'763'685'600.0) * 1000;
}

}  // namespace xtrace::testing
