#include "cli/metrics_setup.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/system_reason.h"
#include "cli/notes.h"
#include "net/system_resolver.h"

namespace xtrace::cli {

namespace {

using MetricsKind = MetricsTarget::Kind;

Expected<Address> find_server(const DaemonEndpoint& server) {
  if (auto address = Address::from_ip(server.host, server.port)) return address;
  auto addresses = look_up_name({.host = server.host, .port = server.port});
  if (const auto* error = addresses.if_error()) return error->with_prefix("--metrics");
  return addresses->front();
}

Error not_written(const std::string& path, int reason) {
  return {Error::Code::system, Phase::none,
          "cannot write the metrics to \"" + path + "\": " + system_reason(reason)};
}

/// A device or a pipe: it is written to, and stays what it is.
bool is_stream(const std::string& path) {
  struct stat facts {};
  return stat(path.c_str(), &facts) == 0 && !S_ISREG(facts.st_mode);
}

Expected<void> write_stream(const std::string& path, std::string_view text) {
  const int descriptor = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) return not_written(path, errno);
  const bool is_failed = write_all(descriptor, text) != WriteResult::written;
  const int reason = errno;
  close(descriptor);
  if (is_failed) return not_written(path, reason);
  return {};
}

/// Where a link leads, so that the file behind it is replaced and not the link.
std::string follow_links(const std::string& path) {
  std::error_code failure;
  std::filesystem::path file = std::filesystem::canonical(path, failure);
  return failure ? path : file.string();
}

/// What a collector that reads the directory would read half of.
Expected<void> replace_file(const std::string& path, std::string_view text) {
  std::string beside = path + ".XXXXXX";
  const int descriptor = mkostemp(beside.data(), O_CLOEXEC);
  if (descriptor < 0) return not_written(path, errno);
  const mode_t hidden = umask(0);
  umask(hidden);
  constexpr mode_t kForAll = 0666;
  bool is_written = write_all(descriptor, text) == WriteResult::written &&
                    fchmod(descriptor, kForAll & ~hidden) == 0;
  int reason = errno;
  close(descriptor);
  if (is_written && std::rename(beside.c_str(), path.c_str()) != 0) {
    is_written = false;
    reason = errno;
  }
  if (is_written) return {};
  unlink(beside.c_str());
  return not_written(path, reason);
}

}  // namespace

Expected<std::unique_ptr<MetricsSetup>> MetricsSetup::open(const MetricsTarget& target) {
  std::unique_ptr<MetricsSetup> setup(new MetricsSetup(target));
  MetricsSink* sink = setup->prometheus_.get();
  if (target.kind == MetricsKind::statsd) {
    auto server = find_server(target.server);
    if (const auto* error = server.if_error()) return *error;
    auto statsd = DogStatsdSink::make({.server = *server});
    if (const auto* error = statsd.if_error()) return *error;
    setup->statsd_ = std::move(statsd).value();
    sink = setup->statsd_.get();
  }
  setup->client_ = std::make_unique<ClientMetrics>(
      *sink, ClientMetricsConfig{.with_client_trace_metrics = true});
  return setup;
}

MetricsSetup::MetricsSetup(const MetricsTarget& target) : target_(target) {
  if (target.kind != MetricsKind::statsd) prometheus_ = std::make_unique<PromTextSink>();
}

MetricsSetup::~MetricsSetup() = default;

void MetricsSetup::flush() {
  if (statsd_) statsd_->flush();
}

std::string MetricsSetup::text() const {
  return target_.kind == MetricsKind::standard_output ? prometheus_->text() : std::string();
}

Expected<void> MetricsSetup::finish() {
  flush();
  if (target_.kind != MetricsKind::file) return {};
  if (is_stream(target_.path)) return write_stream(target_.path, prometheus_->text());
  return replace_file(follow_links(target_.path), prometheus_->text());
}

std::string MetricsSetup::problem() const {
  if (!statsd_) return {};
  const DogStatsdStats stats = statsd_->stats();
  const std::string server = target_.server.to_string();
  if (stats.lost > 0) {
    return std::to_string(stats.lost) + " of " + std::to_string(stats.values) +
           " values could not be sent to " + server;
  }
  if (stats.refused == 0) return {};
  return "nobody listens at " + server + ": " + std::to_string(stats.refused) + " of " +
         std::to_string(stats.datagrams) + " datagrams of metrics came back";
}

bool hand_over(MetricsSetup& metrics, bool is_silent, const Process& process) {
  const auto finished = metrics.finish();
  if (const auto* error = finished.if_error()) say(process, error->message);
  const std::string problem = metrics.problem();
  if (!problem.empty() && !is_silent) say(process, problem);
  return finished.has_value();
}

Expected<std::unique_ptr<MetricsSetup>> open_metrics(const MetricsTarget& target) {
  if (target.kind == MetricsKind::none) return std::unique_ptr<MetricsSetup>();
  return MetricsSetup::open(target);
}

}  // namespace xtrace::cli
