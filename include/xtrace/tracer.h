#pragma once

/// `Tracer` is a service's X-Ray SDK: it decides what is recorded, begins segments, and sends their
/// documents when they end.
///
///     TracerConfig config;
///     config.name = "orders";
///     Tracer tracer{finalize_config(std::move(config)).value()};
///     Segment segment = tracer.begin_segment({}, parse_trace_header(header_of(request)));
///     Subsegment query = segment.begin_subsegment("orders-db");
///
/// One tracer serves the whole process, from any thread. Segments may outlive it: what they share
/// goes with the last of them. After `fork`, parent and child go on by themselves: fresh ids,
/// separate emitters; a segment that was open at the fork is the parent's to send.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <xtrace/clock.h>
#include <xtrace/daemon_address.h>
#include <xtrace/document_set.h>
#include <xtrace/emitter.h>
#include <xtrace/expected.h>
#include <xtrace/sampler.h>
#include <xtrace/segment.h>
#include <xtrace/service_environment.h>

namespace xtrace {

struct TracerState;
struct TracerInside;
struct HeaderViews;

/// What to do where code asks for the current segment and the thread has none. `runtime_error`
/// throws a `MissingContext`, the one exception of this library, for those who ask for it.
enum class ContextMissing : std::uint8_t { log_error, ignore, runtime_error };

class MissingContext : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Looks an environment variable up: null where it is not set.
using EnvironmentLookup = std::function<const char*(const char*)>;

/// The settings of a tracer. Where a variable of the environment is named, it wins over what the
/// code says, as in every X-Ray SDK.
struct TracerConfig {
  /// Of segments that are begun without a name. `AWS_XRAY_TRACING_NAME`.
  std::string name = "service";
  /// As `parse_daemon_address` takes it. `AWS_XRAY_DAEMON_ADDRESS`.
  std::string daemon_address{};
  /// `AWS_XRAY_CONTEXT_MISSING`: LOG_ERROR, IGNORE_ERROR or RUNTIME_ERROR.
  ContextMissing context_missing = ContextMissing::log_error;
  /// Record and send nothing, at no cost. `AWS_XRAY_SDK_DISABLED` (true) and
  /// `AWS_XRAY_SDK_ENABLED` (false).
  bool is_disabled = false;
  /// Unsampled traces that begin here have real ids, not zeros. `AWS_XRAY_NOOP_ID` (false).
  bool has_real_unsampled_ids = false;
  /// Null: a `LocalSampler` with the built-in manifest.
  std::shared_ptr<Sampler> sampler{};
  /// Null: a `UdpEmitter` to the daemon.
  std::shared_ptr<Emitter> emitter{};
  DocumentLimits limits{};
  ServiceEnvironment environment{};
  std::string service_version{};
  /// How long the end of the tracer's own emitter goes on sending, where a daemon is there.
  Duration close_limit = std::chrono::seconds(1);
  /// Gets one sentence at a time, at most one a second of a kind; null: stderr. From any thread.
  std::function<void(std::string_view)> log{};
  Clock clock{};  ///< The machine's where empty.
};

/// A configuration that makes sense, by `finalize_config`.
class FinalizedTracerConfig {
 public:
  const TracerConfig& values() const { return values_; }
  const DaemonAddress& daemon() const { return daemon_; }

 private:
  friend Expected<FinalizedTracerConfig> finalize_config(TracerConfig config,
                                                         const EnvironmentLookup& environment);
  FinalizedTracerConfig() = default;

  TracerConfig values_{};
  DaemonAddress daemon_{};
};

/// Reads the environment (the process's where `environment` is empty) and checks everything. Fails
/// with `invalid_config`, naming the variable or the field.
Expected<FinalizedTracerConfig> finalize_config(TracerConfig config,
                                                const EnvironmentLookup& environment = {});

struct TracerStats {
  std::uint64_t segments = 0;          ///< Begun, sampled or not.
  std::uint64_t sampled = 0;           ///< Of these, recorded.
  std::uint64_t missing_contexts = 0;  ///< How often a current segment was asked for in vain.
  std::uint64_t late_values = 0;       ///< Recorded after the document had left, and lost.

  friend bool operator==(const TracerStats&, const TracerStats&) = default;
};

class Tracer {
 public:
  explicit Tracer(const FinalizedTracerConfig& config);
  Tracer(const Tracer&) = delete;
  Tracer& operator=(const Tracer&) = delete;
  /// Its own emitter ends with it, or with the last open segment, and sends what is queued for
  /// `close_limit` at most. One that was given is only flushed.
  ~Tracer();

  /// Continues the trace of `header`, or begins one. Whether it is recorded, the header decides; if
  /// it does not, the sampler, by `request` (whose empty service name and type are filled in). An
  /// unsampled segment costs no allocation, and no look at the clock beyond the sampler's. An empty
  /// name is the tracer's.
  [[nodiscard]] Segment begin_segment(std::string_view name = {}, const TraceHeader& header = {},
                                      const SamplingRequest& request = {});

  /// Stands for a segment that somebody else records: the Lambda function's, a parent process's.
  /// Subsegments below it are sent, each by itself as it ends; the segment is not. Without a valid
  /// root and parent in the header, or unless it says `Sampled=1`, nothing is recorded.
  [[nodiscard]] Segment begin_facade(const TraceHeader& header);

  /// The current segment of this thread (`ContextScope`); where there is none, `context_missing`
  /// says what happens, and the result is empty.
  const SegmentContext& current(std::string_view purpose = "use the current segment");
  /// A subsegment of the current segment.
  [[nodiscard]] Subsegment begin_subsegment(std::string_view name,
                                            const SubsegmentOptions& options = {});

  Emitter& emitter();
  Sampler& sampler();
  TracerStats stats() const;
  bool is_disabled() const;

 private:
  friend struct TracerInside;
  Segment begin_viewed(std::string_view name, const HeaderViews& header,
                       const SamplingRequest& request);
  static void end_answered(Segment& segment, const HttpResponseFacts& response);

  std::shared_ptr<TracerState> state_;
};

}  // namespace xtrace
