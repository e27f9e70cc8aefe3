#pragma once

/// What `--metrics` asks for: where the numbers go, and that they get there in the end.

#include <memory>
#include <string>

#include <xtrace/client_metrics.h>
#include <xtrace/dogstatsd_sink.h>
#include <xtrace/expected.h>

#include "cli/plan_options.h"
#include "cli/process.h"
#include "cli/prom_text.h"

namespace xtrace::cli {

class MetricsSetup {
 public:
  /// All eight histograms are on. Looks the server up where it is a name. Fails with
  /// `invalid_config`, with the lookup's error, or where there is no socket to be had.
  static Expected<std::unique_ptr<MetricsSetup>> open(const MetricsTarget& target);
  MetricsSetup(const MetricsSetup&) = delete;
  MetricsSetup& operator=(const MetricsSetup&) = delete;
  ~MetricsSetup();

  /// Where requests are recorded.
  ClientMetrics& client() { return *client_; }
  /// Sends what waits: to be called now and then while a run lasts.
  void flush();

  /// Prometheus' text, where it belongs to the report; empty otherwise.
  std::string text() const;
  /// Writes the file, as a whole or not at all, or sends the rest. Fails with `system`, naming the
  /// file. A server that is not there is no failure; `problem()` tells of it.
  Expected<void> finish();
  /// How much got lost, in words; empty where nothing did.
  std::string problem() const;

 private:
  explicit MetricsSetup(const MetricsTarget& target);

  MetricsTarget target_;
  std::unique_ptr<PromTextSink> prometheus_;
  std::unique_ptr<DogStatsdSink> statsd_;
  std::unique_ptr<ClientMetrics> client_;
};

/// Finishes, and says what went wrong. False where the numbers could not be written.
bool hand_over(MetricsSetup& metrics, bool is_silent, const Process& process);

/// As `MetricsSetup::open`; null where nothing is asked for.
Expected<std::unique_ptr<MetricsSetup>> open_metrics(const MetricsTarget& target);

}  // namespace xtrace::cli
