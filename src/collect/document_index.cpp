#include "collect/document_index.h"

#include <algorithm>

#include "collect/heap_bytes.h"
#include "collect/id_hash.h"

namespace xtrace::collect {

std::size_t DocumentIndex::find(const SegmentId& id, const std::vector<StoredDocument>& documents) {
  if (slots_.size() < documents.size() * 2) grow(documents);
  for (; known_ < documents.size(); ++known_) {
    const SegmentId& fresh = documents[known_].id();
    if (fresh.is_noop()) continue;
    slots_[slot_of(fresh, documents)] = static_cast<std::uint32_t>(known_ + 1);
  }
  const std::uint32_t found = slots_[slot_of(id, documents)];
  return found == 0 ? kNone : found - 1;
}

void DocumentIndex::forget() {
  std::ranges::fill(slots_, 0);
  known_ = 0;
}

std::size_t DocumentIndex::bytes() const {
  return heap_bytes(sizeof *this) + heap_bytes(slots_.capacity() * sizeof slots_.front());
}

void DocumentIndex::grow(const std::vector<StoredDocument>& documents) {
  constexpr std::size_t kLeast = 64;
  std::size_t size = std::max(kLeast, slots_.size());
  while (size < documents.size() * 2) size *= 2;
  slots_ = std::vector<std::uint32_t>(size);
  known_ = 0;
}

/// Where the id is, or would be.
std::size_t DocumentIndex::slot_of(const SegmentId& id,
                                   const std::vector<StoredDocument>& documents) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash_id(id.text()) & mask;
  while (slots_[slot] != 0 && documents[slots_[slot] - 1].id() != id) slot = (slot + 1) & mask;
  return slot;
}

}  // namespace xtrace::collect
