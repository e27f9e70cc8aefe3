#pragma once

/// What a segment's tree becomes when it is written: JSON documents that fit the daemon's
/// datagrams, and the counts of what had to be done to make them fit.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <xtrace/error.h>

namespace xtrace {

/// The largest document: a datagram over IPv4 without the daemon's header line.
inline constexpr std::size_t kMaxDocument = 65507 - 30;

struct DocumentLimits {
  std::size_t bytes = kMaxDocument;  ///< Of one document.
  /// Subsegments below the top of one document.
  std::size_t max_subsegments = 100;
};

struct DocumentCounts {
  std::uint64_t split = 0;      ///< Subtrees that left as documents of their own.
  std::uint64_t truncated = 0;  ///< Documents whose longest texts were cut.
  std::uint64_t refused = 0;    ///< Documents that do not fit even so: `DocumentSet::refusals`.
  std::uint64_t corrected = 0;  ///< Values mended or left out: names, keys, invalid UTF-8, NaN.

  DocumentCounts& operator+=(const DocumentCounts& more);
  friend bool operator==(const DocumentCounts&, const DocumentCounts&) = default;
};

/// A tree as the documents to send, subsegments that left before the rest.
struct DocumentSet {
  std::vector<std::string> documents{};
  DocumentCounts counts{};
  /// One per refused document, `document_too_large`, naming the path to the node and its size.
  std::vector<Error> refusals{};
};

}  // namespace xtrace
