#pragma once

/// The sentences in which `ResponseParser` refuses a response.

#include <cstdint>
#include <string>

#include <xtrace/error.h>

#include "http/line_scanner.h"

namespace xtrace {

/// What the scanner found in a section, or that it is larger than `limit`.
Error refused_lines(LineScanner::Section section, const LineScanner::Scan& scan, std::size_t limit);

Error refused_coding();
Error refused_upgrade();
Error too_many_interim_responses(int limit);
Error malformed_head(std::string_view reason);
Error malformed_chunks(std::string_view reason);

/// The connection ended within a head of which `received` bytes came, after `interims` interim
/// responses.
Error head_cut_after(std::size_t received, int interims);
/// It ended in a body after `received` bytes, of a sized one.
Error sized_body_cut_after(std::uint64_t received, std::uint64_t announced);
/// `chunk_left` is what the current chunk lacks; 0 between two chunks.
Error chunked_body_cut_after(std::uint64_t received, std::uint64_t chunk_left);
Error trailers_cut();

}  // namespace xtrace
