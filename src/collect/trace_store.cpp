#include "collect/trace_store.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/utf8.h"
#include "collect/document_facts.h"
#include "collect/heap_bytes.h"
#include "collect/trace_table.h"
#include "collect/trace_tree.h"

namespace xtrace::collect {

namespace {

constexpr std::size_t kMaxStrayText = 4096;
constexpr std::size_t kStrayPart = 8;  // what strays may have of all memory, but for the last one
constexpr std::size_t kRemovedRemembered = 4096;
// Below this many documents of a trace a look at each is faster than an index.
constexpr std::size_t kIndexFrom = 48;
constexpr std::size_t kErrorCodes = static_cast<std::size_t>(ServiceError::undocumented) + 1;

struct Removal {
  TraceId id;
  std::uint64_t revision = 0;
};

std::size_t bytes_of(const StrayDocument& stray) {
  return sizeof stray + heap_bytes(stray.text.capacity()) + heap_bytes(stray.reason.capacity());
}

std::size_t bytes_of(const std::vector<StoredDocument>& documents) {
  return heap_bytes(documents.capacity() * sizeof(StoredDocument));
}

}  // namespace

struct TraceStore::Impl {
  explicit Impl(const StoreLimits& wanted) : limits(wanted) {}

  void add_stray(std::string_view document, const DocumentFacts& facts, Door door,
                 WallTime received);
  /// False where it says nothing new.
  bool add_to(TraceEntry& entry, StoredDocument&& document);
  std::size_t place_of(TraceEntry& entry, const SegmentId& id);
  void append(TraceEntry& entry, StoredDocument&& document);
  void changed(TraceEntry& entry);
  void evict();
  void remove(TraceEntry& entry);
  void cut_oldest_documents(TraceEntry& entry);
  void drop_digest(const StoredTrace& trace);
  void add_bytes(const StoredTrace& trace, std::size_t more);
  void take_bytes(const StoredTrace& trace, std::size_t less);
  std::size_t bytes() const;

  StoreLimits limits;
  TraceTable table;
  std::deque<StrayDocument> strays;
  std::deque<Removal> removals;
  std::uint64_t forgotten = 0;  // the revision of the last removal that is not remembered
  std::array<std::uint64_t, kErrorCodes> refused{};
  StoreStats stats{};  // but for what `TraceStore::stats` fills in
  std::uint64_t revision = 0;
  std::size_t trace_bytes = 0;
  std::size_t stray_bytes = 0;
};

TraceStore::TraceStore(const StoreLimits& limits) : impl_(std::make_unique<Impl>(limits)) {}

TraceStore::~TraceStore() = default;

std::optional<ServiceError> TraceStore::add(std::string_view document, Door door,
                                            WallTime received) {
  const DocumentFacts facts = read_document_facts(document);
  ++impl_->stats.received;
  if (facts.refusal) ++impl_->refused[static_cast<std::size_t>(*facts.refusal)];
  if (!facts.trace_id) {
    impl_->add_stray(document, facts, door, received);
    return facts.refusal;
  }
  StoredDocument stored(document, facts.id, received);
  stored.refusal = facts.refusal;
  stored.door = door;
  stored.is_in_progress = facts.is_in_progress;
  stored.is_subsegment = facts.is_subsegment;
  TraceEntry* entry = impl_->table.find(*facts.trace_id);
  if (entry == nullptr) {
    entry = &impl_->table.make(*facts.trace_id);
    entry->trace.first_received_ = received;
    impl_->add_bytes(entry->trace, heap_bytes(sizeof *entry));
  }
  if (impl_->add_to(*entry, std::move(stored))) {
    entry->trace.last_received_ = received;
    impl_->changed(*entry);
    impl_->evict();
  }
  return facts.refusal;
}

void TraceStore::Impl::add_stray(std::string_view document, const DocumentFacts& facts, Door door,
                                 WallTime received) {
  ++stats.strays;
  if (limits.strays == 0) return;
  while (!strays.empty() &&
         (strays.size() >= limits.strays || stray_bytes > limits.bytes / kStrayPart)) {
    stray_bytes -= bytes_of(strays.front());
    strays.pop_front();
  }
  strays.push_back({.text = std::string(utf8_prefix(document, kMaxStrayText)),
                    .reason = fault_of(document),
                    .code = facts.refusal.value_or(ServiceError::parse_error),
                    .door = door,
                    .received = received});
  stray_bytes += bytes_of(strays.back());
}

bool TraceStore::Impl::add_to(TraceEntry& entry, StoredDocument&& document) {
  const std::size_t place = place_of(entry, document.id());
  if (place == DocumentIndex::kNone) {
    append(entry, std::move(document));
    return true;
  }
  StoredDocument& earlier = entry.trace.documents_[place];
  if (document.is_in_progress && !earlier.is_in_progress) {
    ++stats.duplicates;
    return false;
  }
  ++stats.replaced;
  take_bytes(entry.trace, earlier.text_bytes());
  add_bytes(entry.trace, document.text_bytes());
  earlier = std::move(document);
  return true;
}

std::size_t TraceStore::Impl::place_of(TraceEntry& entry, const SegmentId& id) {
  const std::vector<StoredDocument>& documents = entry.trace.documents_;
  if (id.is_noop()) return DocumentIndex::kNone;
  if (documents.size() < kIndexFrom) {
    const auto found = std::ranges::find(documents, id, &StoredDocument::id);
    return found == documents.end() ? DocumentIndex::kNone
                                    : static_cast<std::size_t>(found - documents.begin());
  }
  if (entry.index == nullptr) {
    entry.index = std::make_unique<DocumentIndex>();
    add_bytes(entry.trace, entry.index->bytes());
  }
  take_bytes(entry.trace, entry.index->bytes());
  const std::size_t place = entry.index->find(id, documents);
  add_bytes(entry.trace, entry.index->bytes());
  return place;
}

void TraceStore::Impl::append(TraceEntry& entry, StoredDocument&& document) {
  std::vector<StoredDocument>& documents = entry.trace.documents_;
  take_bytes(entry.trace, bytes_of(documents));
  documents.push_back(std::move(document));
  add_bytes(entry.trace, bytes_of(documents) + documents.back().text_bytes());
  ++stats.documents;
}

void TraceStore::Impl::changed(TraceEntry& entry) {
  entry.trace.revision_ = ++revision;
  drop_digest(entry.trace);
  table.touch(entry);
}

void TraceStore::Impl::evict() {
  while (table.size() > limits.traces || (table.size() > 1 && bytes() > limits.bytes)) {
    ++stats.evicted_traces;
    stats.evicted_documents += table.oldest()->trace.documents_.size();
    remove(*table.oldest());
  }
  while (table.size() == 1 && bytes() > limits.bytes) cut_oldest_documents(*table.oldest());
}

void TraceStore::Impl::remove(TraceEntry& entry) {
  removals.push_back({.id = entry.trace.id(), .revision = ++revision});
  if (removals.size() > kRemovedRemembered) {
    forgotten = removals.front().revision;
    removals.pop_front();
  }
  stats.documents -= entry.trace.documents_.size();
  trace_bytes -= entry.trace.bytes_;
  table.remove(entry);
}

/// An eighth of them at once, since those behind move up.
void TraceStore::Impl::cut_oldest_documents(TraceEntry& entry) {
  std::vector<StoredDocument>& documents = entry.trace.documents_;
  const std::size_t count = std::max<std::size_t>(1, documents.size() / 8);
  stats.evicted_documents += count;
  if (count >= documents.size()) {
    ++stats.evicted_traces;
    remove(entry);
    return;
  }
  const auto end = documents.begin() + static_cast<std::ptrdiff_t>(count);
  for (auto document = documents.begin(); document != end; ++document) {
    take_bytes(entry.trace, document->text_bytes());
  }
  documents.erase(documents.begin(), end);
  stats.documents -= count;
  if (entry.index != nullptr) entry.index->forget();
  changed(entry);
}

void TraceStore::Impl::drop_digest(const StoredTrace& trace) {
  if (trace.digest_ == nullptr) return;
  take_bytes(trace, heap_bytes(trace.digest_->bytes()));
  trace.digest_.reset();
}

void TraceStore::Impl::add_bytes(const StoredTrace& trace, std::size_t more) {
  trace.bytes_ += more;
  trace_bytes += more;
}

void TraceStore::Impl::take_bytes(const StoredTrace& trace, std::size_t less) {
  trace.bytes_ -= less;
  trace_bytes -= less;
}

std::size_t TraceStore::Impl::bytes() const {
  return trace_bytes + stray_bytes + table.bytes() + removals.size() * sizeof(Removal);
}

const StoredTrace* TraceStore::find(const TraceId& id) const {
  const TraceEntry* entry = impl_->table.find(id);
  return entry == nullptr ? nullptr : &entry->trace;
}

const TraceDigest& TraceStore::digest(const StoredTrace& trace) const {
  if (trace.digest_ == nullptr) {
    trace.digest_ = std::make_unique<TraceDigest>(make_digest(build_tree(trace), trace));
    impl_->add_bytes(trace, heap_bytes(trace.digest_->bytes()));
  }
  return *trace.digest_;
}

void TraceStore::release(const StoredTrace& trace) const {
  if (impl_->bytes() > impl_->limits.bytes) impl_->drop_digest(trace);
}

void TraceStore::visit_newest(const std::function<bool(const StoredTrace&)>& visit) const {
  const TraceEntry* entry = impl_->table.newest();
  bool goes_on = true;
  for (; entry != nullptr && goes_on; entry = entry->older) {
    goes_on = visit(entry->trace);
    release(entry->trace);
  }
}

std::uint64_t TraceStore::revision() const {
  return impl_->revision;
}

std::vector<TraceId> TraceStore::removed_since(std::uint64_t revision) const {
  std::vector<TraceId> removed;
  const std::deque<Removal>& removals = impl_->removals;
  const auto first = std::ranges::upper_bound(removals, revision, {}, &Removal::revision);
  std::for_each(first, removals.end(), [this, &removed](const Removal& removal) {
    if (find(removal.id) == nullptr) removed.push_back(removal.id);
  });
  return removed;
}

bool TraceStore::remembers(std::uint64_t revision) const {
  return revision >= impl_->forgotten;
}

const std::deque<StrayDocument>& TraceStore::strays() const {
  return impl_->strays;
}

void TraceStore::clear() {
  impl_->stats.cleared_documents += impl_->stats.documents;
  while (impl_->table.oldest() != nullptr) impl_->remove(*impl_->table.oldest());
  impl_->strays.clear();
  impl_->stray_bytes = 0;
}

StoreStats TraceStore::stats() const {
  StoreStats stats = impl_->stats;
  for (std::size_t code = 0; code < impl_->refused.size(); ++code) {
    if (impl_->refused[code] == 0) continue;
    stats.refused.emplace(to_string(static_cast<ServiceError>(code)), impl_->refused[code]);
  }
  stats.traces = impl_->table.size();
  stats.bytes = impl_->bytes();
  return stats;
}

}  // namespace xtrace::collect
