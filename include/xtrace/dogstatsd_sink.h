#pragma once

/// `DogStatsdSink` sends metrics to a DogStatsD server over UDP, names and tags as they are.
///
/// Values are collected and sent together: those of one series share a line (version 1.1 of the
/// protocol: `name:1:2:3|h|#tag:value`), as many lines as fit share a datagram. What is recorded
/// into a counter is added up meanwhile; of a gauge the latest value is sent. A datagram leaves
/// when nothing more fits, on `flush()`, on destruction, and where something is recorded
/// `flush_after` or more behind what waits longest: whoever records seldom calls `flush()` now and
/// then. Nobody is waited for: what the kernel does not take, and what nobody listens for, is lost
/// and counted. From any thread.
///
/// Names and tags change only where the protocol would break: `:` and `|` in a name, `:`, `,` and
/// `|` in a key, `,` and `|` in a value, and control characters become underscores; broken UTF-8
/// becomes U+FFFD; the underscore goes from names that would read as an event (`_e{`) or a service
/// check (`_sc`). A tag without a key is left out.
///
/// A child after `fork` has a socket of its own, counts anew, and sends nothing of its parent's.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
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
  Duration flush_after = std::chrono::milliseconds(100);  ///< 0: nothing waits.
  std::size_t most_series = 10'000;
  std::vector<std::pair<std::string, std::string>> tags{};  ///< Of every metric, before its own.
  std::string prefix{};                                     ///< Before every name.
  Clock clock{};                                            ///< The machine's where empty.
};

struct DogStatsdStats {
  std::uint64_t values = 0;     ///< Recorded, but for those dropped.
  std::uint64_t datagrams = 0;  ///< Sent.
  std::uint64_t bytes = 0;
  std::uint64_t lost = 0;      ///< Values in datagrams that could not be sent.
  std::uint64_t refused = 0;   ///< Datagrams sent that nobody listened for, as far as that is told.
  std::uint64_t overflow = 0;  ///< Values recorded into the series of all others.
  /// Values that are no numbers, and those whose line alone is longer than a datagram may be.
  std::uint64_t dropped = 0;

  friend bool operator==(const DogStatsdStats&, const DogStatsdStats&) = default;
};

class DogStatsdSink final : public MetricsSink {
 public:
  /// Errors: `system`, where there is no socket to be had; `invalid_config`, where the server is no
  /// IP address with a port, a datagram shorter than 64 bytes or longer than 65,507, or
  /// `flush_after` negative.
  static Expected<std::unique_ptr<DogStatsdSink>> make(DogStatsdConfig config);
  DogStatsdSink(const DogStatsdSink&) = delete;
  DogStatsdSink& operator=(const DogStatsdSink&) = delete;
  ~DogStatsdSink() override;

  MetricSeries& series(const MetricInfo& info, std::span<const MetricTag> tags) override;
  /// Cheaper than one by one: one lock, one look at the clock, no more datagrams than it takes.
  void record_all(std::span<const MetricValue> values) noexcept override;
  void flush() override;
  DogStatsdStats stats() const;

 private:
  class Impl;
  explicit DogStatsdSink(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace xtrace
