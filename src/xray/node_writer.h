#pragma once

/// One node of a segment's tree as the fields of its JSON object, without its subsegments.

#include <cstddef>
#include <limits>

#include "base/json_writer.h"
#include "xray/segment_tree.h"

namespace xtrace {

inline constexpr std::size_t kNoTextLimit = std::numeric_limits<std::size_t>::max();
/// Texts are never cut shorter than this.
inline constexpr std::size_t kShortestText = 128;

/// As part of its parent's object, or as the object of a document.
enum class NodeForm : unsigned char { embedded, document };

/// Texts longer than `text_limit` bytes are cut to it, the mark included.
void write_node_fields(JsonWriter& json, const SegmentTree& tree, const SegmentNode& node,
                       NodeForm form, std::size_t text_limit);

/// The bytes that `NodeForm::document` adds to a subsegment: its type, trace id and parent id.
inline constexpr std::size_t kStandaloneBytes = 100;

}  // namespace xtrace
