#pragma once

/// `XrayApi` answers as the X-Ray service does, over what a `TraceStore` holds: SDKs, the AWS
/// command line and Grafana ask it unchanged, with any credentials or none.
///
/// The REST model of 2016-04-12: `POST /GetSamplingRules`, `/SamplingTargets`, `/TraceSegments`
/// (PutTraceSegments), `/TelemetryRecords`, `/Traces` (BatchGetTraces), `/TraceSummaries`,
/// `/ServiceGraph`, `/TraceGraph`, `/Groups` and `/GetGroup` with the one default group. Bodies are
/// read whatever their Content-Type says (the AWS SDK for Go sends none). The service's other calls
/// are answered with `UnknownOperationException`.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <xtrace/clock.h>
#include <xtrace/expected.h>
#include <xtrace/server_call.h>

#include "collect/trace_store.h"

namespace xtrace::collect {

struct XrayApiConfig {
  /// A file of sampling rules: the answer of GetSamplingRules, or an SDK's local manifest
  /// (sampling_file.h). Read again when it changes. Empty: everything is sampled.
  std::string rules_path{};
  Clock clock{};
};

struct XrayApiStats {
  std::map<std::string, std::uint64_t, std::less<>> requests{};  ///< By path.
  std::uint64_t refused = 0;                                     ///< Answered with an error.
  std::uint64_t telemetry_records = 0;                           ///< Told by daemons.
  std::uint64_t sampling_clients = 0;  ///< That reported rules within the last minute.
  /// Why the file of rules could not be read again; empty where it could.
  std::string rules_fault{};
};

class XrayApi {
 public:
  static constexpr std::uint64_t kLargestBody = std::uint64_t{16} << 20U;

  /// Where a document that was put goes: the door of the collector.
  using Take = std::function<std::optional<ServiceError>(std::string_view document)>;

  /// Fails with `invalid_config`, naming the rules' file, the place and the reason. `store`
  /// outlives the API.
  static Expected<std::unique_ptr<XrayApi>> make(const XrayApiConfig& config,
                                                 const TraceStore& store, Take take);
  XrayApi(const XrayApi&) = delete;
  XrayApi& operator=(const XrayApi&) = delete;
  ~XrayApi();

  /// Whether a request is one of the API's, by its path; then `handle` answers it, now or when its
  /// body is there. The call may outlive the API: then it goes unanswered.
  static bool is_mine(const IncomingRequest& request);
  void handle(ServerCall call);

  XrayApiStats stats() const;

 private:
  struct Impl;
  explicit XrayApi(std::shared_ptr<Impl> impl);

  std::shared_ptr<Impl> impl_;
};

}  // namespace xtrace::collect
