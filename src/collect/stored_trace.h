#pragma once

/// `StoredTrace` is what the collector holds of one trace: its documents as they came.
///
/// Documents are kept as text, and everything that is shown is derived from them when somebody
/// looks (trace_tree.h, trace_digest.h): what is received most is looked at least.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <xtrace/clock.h>
#include <xtrace/trace_id.h>

#include "collect/text_block.h"
#include "xray/json_check.h"

namespace xtrace::collect {

struct TraceDigest;

/// The way a document came in.
enum class Door : std::uint8_t { udp, tcp, file };

/// One segment document, or a subsegment sent alone.
class StoredDocument {
 public:
  StoredDocument(std::string_view text, const SegmentId& id, WallTime received);

  /// As it came, without what a datagram says before it. It is JSON in valid UTF-8 but for Python's
  /// NaN and infinities; everything else about it may be wrong.
  std::string_view text() const { return text_.view(); }
  const SegmentId& id() const { return id_; }
  WallTime received() const { return received_; }
  /// What the text takes of memory.
  std::size_t text_bytes() const { return text_.bytes(); }
  /// What the service would have refused it with; `fault_of` (document_facts.h) has the sentence.
  std::optional<ServiceError> refusal{};
  Door door = Door::udp;
  bool is_in_progress = false;
  bool is_subsegment = false;

 private:
  TextBlock text_;
  SegmentId id_;
  WallTime received_;
};

class StoredTrace {
 public:
  explicit StoredTrace(const TraceId& id);
  StoredTrace(const StoredTrace&) = delete;
  StoredTrace& operator=(const StoredTrace&) = delete;
  ~StoredTrace();

  const TraceId& id() const { return id_; }
  /// In the order they came; at most one of an id.
  const std::vector<StoredDocument>& documents() const { return documents_; }
  /// Grows with every change of any trace of the store, so that who asks again later asks for what
  /// is newer than the last one he saw.
  std::uint64_t revision() const { return revision_; }
  /// When its first and its last document came, replaced ones included.
  WallTime first_received() const { return first_received_; }
  WallTime last_received() const { return last_received_; }
  /// What it takes of the store's memory, all told.
  std::size_t bytes() const { return bytes_; }

 private:
  friend class TraceStore;

  TraceId id_;
  std::vector<StoredDocument> documents_;
  std::uint64_t revision_ = 0;
  mutable std::size_t bytes_ = 0;
  WallTime first_received_{};
  WallTime last_received_{};
  mutable std::unique_ptr<TraceDigest> digest_;
};

}  // namespace xtrace::collect
