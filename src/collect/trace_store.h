#pragma once

/// `TraceStore` holds the traces that were received last, in bounded memory.
///
/// Documents are joined by trace id in whatever order they come. A document replaces an earlier one
/// of its id (the service's rule: complete replaces in progress; and the AWS SDK for Go sends roots
/// again as they grow), except that what is in progress never replaces what is complete. Where
/// there is no more room the traces that were touched longest ago go, and are counted. Everything
/// runs on one thread.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/clock.h>
#include <xtrace/trace_id.h>

#include "collect/stored_trace.h"
#include "collect/trace_digest.h"

namespace xtrace::collect {

struct StoreLimits {
  std::size_t traces = 10000;
  /// Of documents and all that is held beside them.
  std::size_t bytes = std::size_t{512} * 1000 * 1000;
  /// Documents that belong to no trace, the last ones of which are kept to be shown.
  std::size_t strays = 200;
};

/// All counters only grow; `traces`, `documents` and `bytes` are what is held now. What was
/// received is held, or was replaced, a duplicate, a stray, evicted or cleared.
struct StoreStats {
  std::uint64_t received = 0;    ///< Documents offered.
  std::uint64_t replaced = 0;    ///< Of these, took the place of an earlier one of their id.
  std::uint64_t duplicates = 0;  ///< Of these, said nothing new: in progress behind complete.
  std::uint64_t strays = 0;      ///< Of these, of no trace: no JSON, or no valid trace id.
  /// Of these, what the service would refuse, by its code (`InvalidTraceId`); strays included.
  std::map<std::string, std::uint64_t, std::less<>> refused{};
  std::uint64_t evicted_traces = 0;
  std::uint64_t evicted_documents = 0;
  std::uint64_t cleared_documents = 0;
  std::size_t traces = 0;
  std::size_t documents = 0;
  std::size_t bytes = 0;
};

/// A document of no trace, kept to be shown.
struct StrayDocument {
  std::string text;  ///< Cut to 4 KiB.
  std::string reason;
  ServiceError code = ServiceError::parse_error;
  Door door = Door::udp;
  WallTime received{};
};

class TraceStore {
 public:
  explicit TraceStore(const StoreLimits& limits);
  TraceStore(const TraceStore&) = delete;
  TraceStore& operator=(const TraceStore&) = delete;
  ~TraceStore();

  /// Takes a document. Returns the service's code where the service would have refused it; it is
  /// kept all the same.
  std::optional<ServiceError> add(std::string_view document, Door door, WallTime received);

  /// Null where there is none. A trace that is found stays where it is until the next `add`.
  const StoredTrace* find(const TraceId& id) const;
  /// Derived when first asked for; kept until the trace changes or, where memory is short, until it
  /// is released or visited.
  const TraceDigest& digest(const StoredTrace& trace) const;
  /// Whoever asked for the trace's digest is done with it.
  void release(const StoredTrace& trace) const;

  /// From the one that changed last to the one that changed first, until `visit` returns false.
  /// Nothing may be added meanwhile.
  void visit_newest(const std::function<bool(const StoredTrace&)>& visit) const;
  /// The revision of the last change; 0 before the first.
  std::uint64_t revision() const;
  /// Traces that were evicted or cleared since `revision` and have not come again, as far as they
  /// are remembered: the last thousands of them.
  std::vector<TraceId> removed_since(std::uint64_t revision) const;
  /// Whether `removed_since` has them all.
  bool remembers(std::uint64_t revision) const;
  /// The newest last.
  const std::deque<StrayDocument>& strays() const;

  /// Forgets all traces and strays; counters stay.
  void clear();
  StoreStats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xtrace::collect
