#pragma once

/// `DogStatsdSink` sends metrics to a DogStatsD server over UDP, names and tags as they are.
///
/// Values are collected and sent together: those of one series share a line (version 1.1 of the
/// protocol: `name:1:2:3|h|#tag:value`), as many lines as fit share a datagram. A datagram leaves
/// when it is full, on `flush()`, on destruction, and where something is recorded later than
/// `flush_after` behind what waits longest. Nobody is waited for: what the kernel does not take,
/// and what nobody listens for, is lost and counted. From any thread.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <xtrace/address.h>
#include <xtrace/clock.h>
#include <xtrace/error.h>
#include <xtrace/expected.h>
#include <xtrace/metrics_sink.h>

namespace xtrace {

struct DogStatsdConfig {
  Address server{};                   ///< IP address and port; the usual port is 8125.
  std::size_t datagram_bytes = 1432;  ///< What an Ethernet frame takes; up to 65,507 on loopback.
  Duration flush_after = std::chrono::milliseconds(100);
  std::size_t most_series = 10'000;
  std::vector<std::pair<std::string, std::string>> tags{};  ///< Of every metric.
  std::string prefix{};                                     ///< Before every name.
};

struct DogStatsdStats {
  std::uint64_t values = 0;     ///< Recorded.
  std::uint64_t datagrams = 0;  ///< Sent.
  std::uint64_t bytes = 0;
  std::uint64_t lost = 0;      ///< Values in datagrams that could not be sent.
  std::uint64_t refused = 0;   ///< Datagrams that nobody listened for, as far as the host tells.
  std::uint64_t overflow = 0;  ///< Values recorded into the series of all others.
};

class DogStatsdSink final : public MetricsSink {
 public:
  /// Errors: `system`, where there is no socket to be had; `invalid_config`.
  static Expected<std::unique_ptr<DogStatsdSink>> make(DogStatsdConfig config);
  DogStatsdSink(const DogStatsdSink&) = delete;
  DogStatsdSink& operator=(const DogStatsdSink&) = delete;
  ~DogStatsdSink() override;

  MetricSeries& series(const MetricInfo& info, std::span<const MetricTag> tags) override;
  void flush() override;
  DogStatsdStats stats() const;

 private:
  struct Impl;
  explicit DogStatsdSink(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace xtrace
