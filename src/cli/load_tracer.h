#pragma once

/// `LoadTracer` gives the requests of a run their trace headers, records them and sends the record
/// by one emitter.
///
/// Each request is a trace of its own; where the caller's trace goes on, they all are segments of
/// it; with `--one-trace` they are subsegments of one segment, which is sent unfinished before the
/// first of them and finished after the last. Nothing is kept of a request once it is recorded.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <xtrace/client.h>
#include <xtrace/client_metrics.h>
#include <xtrace/document_set.h>
#include <xtrace/emitter.h>
#include <xtrace/segment.h>
#include <xtrace/trace_id.h>
#include <xtrace/traced_plan.h>
#include <xtrace/tracer.h>

#include "cli/load_output.h"
#include "cli/options.h"
#include "cli/run_report.h"
#include "cli/terminal.h"

namespace xtrace::cli {

class LoadTracer {
 public:
  /// What one request is called; used again for the next one.
  struct Ids {
    TraceId trace{};
    SegmentId segment{};
    std::vector<SegmentId> sent{};    ///< Of each physical request, in order.
    std::vector<SentId> plan_sent{};  ///< The same of a plan.
  };

  struct Sinks {
    std::unique_ptr<Emitter> emitter{};  ///< Null: nothing is sent.
    std::string to{};                    ///< The emitter's name.
    LoadOutput* documents = nullptr;     ///< Also gets every document, a line each.
  };

  /// `request` is what will be sent again and again.
  LoadTracer(const TraceOptions& options, const Environment& environment, const Request& request,
             Sinks sinks);
  LoadTracer(const LoadTracer&) = delete;
  LoadTracer& operator=(const LoadTracer&) = delete;
  ~LoadTracer();

  /// The segment of `--one-trace`, announced.
  void begin(WallTime present);
  /// `present` is when, to the second that a trace id tells.
  void begin_request(Ids& ids, WallTime present) const;
  /// For `CallOptions::before_attempt`.
  void prepare_attempt(Ids& ids, Request& request);
  /// For `ExecuteOptions::before_send`.
  void prepare_attempt(Ids& ids, Request& request, const Execution& execution);
  /// Records what became of a request, unless it is not sampled. Returns whether it did.
  bool record(const Ids& ids, const Request& request, const Exchange& exchange);
  bool record(const Ids& ids, const Execution& execution);
  /// Ends the segment of `--one-trace` and waits, a while, until everything is sent.
  void end(WallTime present);

  bool is_recording() const { return is_recording_; }
  /// The documents of the request that was recorded last; empty for those of `--one-trace`.
  const DocumentSet& latest() const { return documents_; }
  RunEmission emission() const;
  /// Tells what became of the documents so far.
  void collect(ClientMetrics& metrics) const;
  /// Of `--one-trace`; empty otherwise.
  std::string one_trace_id() const;
  /// What the environment or `--trace-header` said was no trace that could go on.
  bool ignores_caller() const { return ignores_caller_; }

 private:
  class Tap;

  void settle_trace(const Environment& environment);
  /// What became of one request, sent as it is or as a plan.
  struct Ended {
    const Ids& ids;
    const Request* request = nullptr;  ///< With `exchange`.
    const Exchange* exchange = nullptr;
    const Execution* execution = nullptr;

    WallTime began() const;
    WallTime end() const;
    const Response* response() const;
    bool is_fault() const;
  };

  bool is_sampled(const Response* response) const;
  void set_header(const Ids& ids, Request& request, const SegmentId& parent);
  bool record(const Ended& ended);
  void record_alone(const Ended& ended);
  void record_below(const Ended& ended);
  void record_into(const SegmentContext& parent, const Ended& ended) const;
  void decorate(Segment& segment) const;
  void send(const DocumentSet& documents);

  const TraceOptions& options_;
  Sinks sinks_;
  std::string service_;
  SegmentOptions origin_;  // the trace and the parent, where they are the caller's
  Sampled sampled_ = Sampled::yes;
  std::string header_end_;  // of every trace header: what follows the parent
  bool has_caller_ = false;
  bool ignores_caller_ = false;
  bool sends_header_ = true;
  bool is_one_trace_ = false;
  bool is_recording_ = true;
  std::string header_;  // being made
  DocumentSet documents_;
  std::uint64_t recorded_ = 0;

  // --one-trace
  Segment whole_;
  TraceHeader below_;  // names the segment as the parent
  std::unique_ptr<Tracer> tracer_;
};

}  // namespace xtrace::cli
