#pragma once

/// tools/bench's `memory-conn`: what a connection costs that waits for its next request.

#include <cstddef>
#include <string>

namespace xtrace::bench {

struct Held {
  std::size_t connections = 0;
  double heap_each = 0;      ///< Bytes in use, as malloc counts them.
  double resident_each = 0;  ///< Growth of the resident set, holes of the heap included.
};

/// Opens so many connections at once, or as many as the process may have descriptors for; lets all
/// go idle, and measures. The first is not counted: it pays for what all share. The body at `url`
/// has to be larger than 64 KiB, or a connection would be free before the last one is open.
Held hold_connections(const std::string& url, std::size_t count, const std::string& ca_file);

}  // namespace xtrace::bench
