#include "collect/trace_table.h"

#include <utility>

#include "collect/heap_bytes.h"
#include "collect/id_hash.h"

namespace xtrace::collect {

TraceTable::TraceTable() : buckets_(64) {}

TraceTable::~TraceTable() {
  while (newest_ != nullptr) remove(*newest_);
}

TraceEntry* TraceTable::find(const TraceId& id) const {
  TraceEntry* entry = buckets_[bucket_of(id)];
  while (entry != nullptr && entry->trace.id() != id) entry = entry->next_in_bucket;
  return entry;
}

TraceEntry& TraceTable::make(const TraceId& id) {
  if (size_ == buckets_.size()) grow();
  auto entry = std::make_unique<TraceEntry>(id);
  TraceEntry*& bucket = buckets_[bucket_of(id)];
  entry->next_in_bucket = bucket;
  bucket = entry.get();
  link(*entry);
  ++size_;
  return *entry.release();
}

void TraceTable::touch(TraceEntry& entry) {
  if (&entry == newest_) return;
  unlink(entry);
  link(entry);
}

void TraceTable::remove(TraceEntry& entry) {
  const std::unique_ptr<TraceEntry> owned(&entry);
  TraceEntry** place = &buckets_[bucket_of(entry.trace.id())];
  while (*place != &entry) place = &(*place)->next_in_bucket;
  *place = entry.next_in_bucket;
  unlink(entry);
  --size_;
}

std::size_t TraceTable::bytes() const {
  return heap_bytes(buckets_.capacity() * sizeof(void*));
}

std::size_t TraceTable::bucket_of(const TraceId& id) const {
  return hash_id(id.text()) & (buckets_.size() - 1);
}

void TraceTable::link(TraceEntry& entry) {
  entry.newer = nullptr;
  entry.older = newest_;
  (newest_ == nullptr ? oldest_ : newest_->newer) = &entry;
  newest_ = &entry;
}

void TraceTable::unlink(TraceEntry& entry) {
  (entry.newer == nullptr ? newest_ : entry.newer->older) = entry.older;
  (entry.older == nullptr ? oldest_ : entry.older->newer) = entry.newer;
}

void TraceTable::grow() {
  buckets_ = std::vector<TraceEntry*>(buckets_.size() * 2);
  for (TraceEntry* entry = newest_; entry != nullptr; entry = entry->older) {
    TraceEntry*& bucket = buckets_[bucket_of(entry->trace.id())];
    entry->next_in_bucket = std::exchange(bucket, entry);
  }
}

}  // namespace xtrace::collect
