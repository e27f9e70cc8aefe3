#pragma once

/// `ServiceGraph` says who calls whom, how often, how fast and how well: X-Ray's service map.
///
/// X-Ray's rule: the numbers of a node are those of the service's own segments, the numbers of an
/// edge are what the caller's subsegment saw. A service that sent no segment is inferred from the
/// calls to it, and drawn with their numbers. In front of each service that nobody traced calls
/// stands a client of its name. What is in progress is on the map and not yet in the numbers.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "collect/latency_buckets.h"
#include "collect/trace_digest.h"

namespace xtrace::collect {

/// The type of clients, who send no segments.
inline constexpr std::string_view kClientType = "client";

/// Each call counts once: under the worst of its flags.
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
  bool is_client = false;    ///< Whoever called what no segment called; it has no numbers.
  bool is_inferred = false;  ///< It sent no segment of its own.
  bool is_root = false;      ///< Clients call it.
  GraphNumbers numbers{};
  double start = 0;
  double end = 0;
  std::vector<GraphEdge> edges{};
};

class ServiceGraph {
 public:
  /// Each trace once.
  void add(const TraceDigest& trace);
  /// Stable: in the order in which they were first met.
  const std::vector<GraphNode>& nodes() const { return nodes_; }
  /// Epoch seconds of the first start and the last end; 0 where nothing was added.
  double start() const { return start_; }
  double end() const { return end_; }

 private:
  // By client or not, name, type and account.
  using Key = std::tuple<bool, std::string, std::string, std::string>;
  using KeyView = std::tuple<bool, std::string_view, std::string_view, std::string_view>;
  struct ByKey {
    using is_transparent = void;  // NOLINT(readability-identifier-naming): the standard's name
    bool operator()(const KeyView& left, const KeyView& right) const { return left < right; }
  };

  std::uint32_t node_of(const DigestService& service, bool is_client);
  void add_visit(std::uint32_t node, const ServiceVisit& visit);
  void add_call(std::uint32_t from, std::uint32_t to, const EdgeVisit& call);

  std::vector<GraphNode> nodes_;
  std::map<Key, std::uint32_t, ByKey> indices_;
  std::vector<std::uint32_t> nodes_of_trace_;  // By service of the trace that is added.
  double start_ = 0;
  double end_ = 0;
};

}  // namespace xtrace::collect
