#pragma once

/// Plans that continue a trace: `<host>` > `Attempt:0`, `Attempt:1`, ... > the phases, with the
/// waits between waves as `backoff` subsegments.
///
///     TracedPlanClient traced(plans);
///     call = traced.execute(segment.context(), plan, [](Execution& execution) { ... });

#include <memory>
#include <span>
#include <vector>

#include <xtrace/plan_client.h>
#include <xtrace/segment_context.h>
#include <xtrace/trace_id.h>
#include <xtrace/traced_client.h>

namespace xtrace {

/// What a physical request named as `Parent` in its trace header.
struct SentId {
  int attempt = 0;  ///< Of the execution.
  SegmentId id{};
};

struct RecordPlanOptions {
  /// Strip query strings and userinfo from every recorded URL.
  bool redact = true;
  /// In the order they were sent; those of one attempt in the order of its redirects.
  std::span<const SentId> sent{};
};

/// Record an execution that is over below `parent`: a subsegment of namespace remote, named by the
/// plan's host, with the final response; below it each attempt, redundant ones without a fault, and
/// each wait. Metadata `httpx` has `attempts`, `waves` and, where it struck, `plan_timeout`; of an
/// attempt `attempt`, `wave`, `redundant`. Annotations `target_id` and `endpoint_template` where
/// the plan has them. An attempt that was redirected, or sent again on a new connection, holds one
/// subsegment for each physical request. From any thread; an empty `parent` records nothing.
void record_execution(const SegmentContext& parent, const Execution& execution,
                      const RecordPlanOptions& options = {});

class TracedPlanClient;
class TracedExecution;

/// As `PlanCall`. Destroying it cancels, runs nothing of the plan, and records what was reached;
/// attempts that were under way are recorded without their phases.
class [[nodiscard]] TracedPlanCall {
 public:
  TracedPlanCall();
  TracedPlanCall(const TracedPlanCall&) = delete;
  TracedPlanCall& operator=(const TracedPlanCall&) = delete;
  TracedPlanCall(TracedPlanCall&& other) noexcept;
  TracedPlanCall& operator=(TracedPlanCall&& other) noexcept;
  ~TracedPlanCall();

  Execution abort();
  void resume();
  bool is_running() const;

 private:
  friend class TracedPlanClient;
  TracedPlanCall(std::unique_ptr<TracedExecution> execution, PlanCall call);
  void give_up();

  std::unique_ptr<TracedExecution> execution_;
  PlanCall call_;
};

class TracedPlanClient {
 public:
  /// `plans` outlives it. On the loop's thread.
  explicit TracedPlanClient(PlanClient& plans, const TracedClientOptions& options = {});
  TracedPlanClient(const TracedPlanClient&) = delete;
  TracedPlanClient& operator=(const TracedPlanClient&) = delete;
  /// Calls of it must have been destroyed before.
  ~TracedPlanClient();

  /// As `PlanClient::execute`, for the segment or subsegment `parent`. Each physical request
  /// carries a trace header with an id of its own; the execution is recorded just before `on_done`
  /// runs.
  TracedPlanCall execute(SegmentContext parent, std::shared_ptr<const Plan> plan,
                         PlanClient::OnDone on_done);

 private:
  friend class TracedPlanCall;
  PlanClient& plans_;
  TracedClientOptions options_;
  std::vector<std::unique_ptr<TracedExecution>> unused_;
};

}  // namespace xtrace
