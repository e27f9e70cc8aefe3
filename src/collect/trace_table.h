#pragma once

/// `TraceTable` finds traces by their id and keeps them in the order of their last change.

#include <cstddef>
#include <memory>
#include <vector>

#include <xtrace/trace_id.h>

#include "collect/document_index.h"
#include "collect/stored_trace.h"

namespace xtrace::collect {

/// A trace in its places: in the order, and in a bucket.
struct TraceEntry {
  explicit TraceEntry(const TraceId& id) : trace(id) {}

  StoredTrace trace;
  std::unique_ptr<DocumentIndex> index{};  ///< Where the trace has many documents.
  TraceEntry* newer = nullptr;
  TraceEntry* older = nullptr;
  TraceEntry* next_in_bucket = nullptr;
};

class TraceTable {
 public:
  TraceTable();
  TraceTable(const TraceTable&) = delete;
  TraceTable& operator=(const TraceTable&) = delete;
  ~TraceTable();

  std::size_t size() const { return size_; }
  TraceEntry* newest() const { return newest_; }
  TraceEntry* oldest() const { return oldest_; }
  TraceEntry* find(const TraceId& id) const;
  /// A new trace, the newest. There is none of its id.
  TraceEntry& make(const TraceId& id);
  /// Makes it the newest.
  void touch(TraceEntry& entry);
  void remove(TraceEntry& entry);
  /// Of the table itself.
  std::size_t bytes() const;

 private:
  std::size_t bucket_of(const TraceId& id) const;
  void link(TraceEntry& entry);
  void unlink(TraceEntry& entry);
  void grow();

  std::vector<TraceEntry*> buckets_;
  std::size_t size_ = 0;
  TraceEntry* newest_ = nullptr;
  TraceEntry* oldest_ = nullptr;
};

}  // namespace xtrace::collect
