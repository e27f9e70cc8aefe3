#pragma once

/// `TraceDigest` is a trace in a few hundred bytes: what lists, filters, graphs and numbers ask
/// for, so that ten thousand traces are asked without reading a document again.

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <xtrace/segment_facts.h>
#include <xtrace/trace_id.h>

namespace xtrace::collect {

struct TraceTree;
class StoredTrace;

/// A service as X-Ray tells them apart: by name and type.
struct DigestService {
  std::string name;
  /// The origin of its segments, `remote` or `AWS::...` where it is only known from calls; empty
  /// where nothing is known.
  std::string type;
  std::string account;

  friend bool operator==(const DigestService&, const DigestService&) = default;
};

/// One piece of work of a service: a segment of its own, or, inferred, a call that somebody made
/// to it.
struct ServiceVisit {
  std::uint32_t service = 0;  ///< An index in `services`.
  bool is_inferred = false;
  bool is_in_progress = false;
  bool is_root = false;
  Flags flags{};
  int status = 0;
  double start = 0;
  double duration = 0;  ///< Seconds; so far, where in progress.
};

/// One call from a service to another, as the caller's subsegment has it; `kClient` calls what no
/// segment called.
struct EdgeVisit {
  static constexpr std::uint32_t kClient = 0xFFFFFFFF;

  std::uint32_t from = kClient;
  std::uint32_t to = 0;
  Flags flags{};
  double start = 0;
  double duration = 0;
};

struct DigestAnnotation {
  std::string key;
  std::variant<std::string, double, bool> value;
  std::uint32_t service = 0;  ///< Of the segment that has it; the entry's where that has not come.
};

/// Where a failure began: the deepest node that has the flag, and the services on the way to it.
struct RootCause {
  enum class Kind : std::uint8_t { fault, error, throttle };

  Kind kind = Kind::fault;
  std::vector<std::uint32_t> services;  ///< From the entry on; empty where none is known.
  std::string entity;                   ///< The name of the node.
  std::string type;                     ///< Of its exception, and the message.
  std::string message;
  bool is_remote = false;
};

struct TraceDigest {
  TraceId id{};
  double start = 0;          ///< Epoch seconds.
  double duration = 0;       ///< From the first start to the last end.
  double response_time = 0;  ///< Of the root segment alone: what the caller waited.
  Flags flags{};             ///< Of any node of any segment.
  bool is_in_progress = false;
  /// No node is in progress, none waits for its parent, and there is a root segment: as far as can
  /// be told nothing more will come. Calls that say they are traced have their callee's segment,
  /// unless they failed without an answer.
  bool is_complete = false;

  // The root segment's; empty and 0 where it has none. Where no root has come, the first segment
  // stands for it of which the caller is unknown, or else the first node.
  std::string method{};
  std::string url{};
  std::string user_agent{};
  std::string client_ip{};
  int status = 0;

  std::uint32_t entry = 0;  ///< The root's service, an index in `services`, unless there are none.
  std::uint32_t segments = 0;
  std::uint32_t subsegments = 0;
  std::uint32_t waiting = 0;
  std::uint32_t duplicates = 0;
  std::uint32_t refused = 0;  ///< Documents that the service would refuse.

  std::vector<DigestService> services{};
  std::vector<ServiceVisit> visits{};
  std::vector<EdgeVisit> edges{};
  std::vector<DigestAnnotation> annotations{};
  std::vector<std::string> users{};
  std::vector<std::string> resource_arns{};
  std::vector<std::string> instance_ids{};
  std::vector<std::string> zones{};
  std::vector<RootCause> root_causes{};

  /// Whether no segment of the service's own has come.
  bool is_only_inferred(std::uint32_t service) const;
  /// What it takes of memory, itself included.
  std::size_t bytes() const;
};

/// Of a tree of the trace.
TraceDigest make_digest(const TraceTree& tree, const StoredTrace& trace);

}  // namespace xtrace::collect
