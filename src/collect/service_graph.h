#pragma once

/// `ServiceGraph` says who calls whom, how often, how fast and how well: X-Ray's service map.
///
/// X-Ray's rule: the numbers of a node are those of the service's own segments, the numbers of an
/// edge are what the caller's subsegment saw. A service that sent no segment is inferred from the
/// calls to it, and drawn with their numbers.

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "collect/trace_digest.h"

namespace xtrace::collect {

/// Response times in buckets of equal ratio, so that percentiles are within 5 % from a microsecond
/// to an hour, and graphs of any size merge.
class LatencyBuckets {
 public:
  void add(double seconds);
  std::uint64_t count() const { return count_; }
  /// Of 0 to 1; 0 where there is none.
  double percentile(double share) const;
  struct Bucket {
    double up_to = 0;  ///< Seconds.
    std::uint64_t count = 0;
  };
  /// Those that are not empty, in ascending order.
  std::vector<Bucket> buckets() const;

 private:
  std::map<std::int16_t, std::uint64_t> counts_;
  std::uint64_t count_ = 0;
};

struct GraphNumbers {
  std::uint64_t count = 0;
  std::uint64_t ok = 0;
  std::uint64_t error = 0;  ///< Without the throttled.
  std::uint64_t throttle = 0;
  std::uint64_t fault = 0;
  double total_seconds = 0;
  LatencyBuckets latency{};

  void add(const Flags& flags, double seconds);
};

struct GraphEdge {
  std::uint32_t to = 0;  ///< An index in `nodes`.
  GraphNumbers numbers{};
  double start = 0;  ///< Of the first and the end of the last call, epoch seconds.
  double end = 0;
};

struct GraphNode {
  DigestService service{};
  bool is_client = false;    ///< Whoever called what no segment called.
  bool is_inferred = false;  ///< It sent no segment of its own.
  bool is_root = false;      ///< Clients call it.
  GraphNumbers numbers{};
  double start = 0;
  double end = 0;
  std::vector<GraphEdge> edges{};
};

class ServiceGraph {
 public:
  void add(const TraceDigest& trace);
  /// Stable: in the order in which they were first met.
  const std::vector<GraphNode>& nodes() const { return nodes_; }
  /// Epoch seconds of the first start and the last end; 0 where nothing was added.
  double start() const { return start_; }
  double end() const { return end_; }

 private:
  std::uint32_t node_of(const DigestService& service);

  std::vector<GraphNode> nodes_;
  std::map<std::string, std::uint32_t, std::less<>> indices_;
  double start_ = 0;
  double end_ = 0;
};

}  // namespace xtrace::collect
