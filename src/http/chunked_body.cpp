#include "http/chunked_body.h"

#include <algorithm>
#include <charconv>

namespace xtrace {

namespace {

using Section = LineScanner::Section;
using Outcome = LineScanner::Outcome;

// Room for any size and for extensions nobody reads; without a limit a peer could send one forever.
constexpr std::size_t kMaxChunkLine = 4096;
constexpr std::size_t kChunkEnd = 2;

constexpr std::uint64_t kMaxExcess = std::uint64_t{16} * 1024;
// A line as long as a size may be costs nothing.
constexpr std::uint64_t kExcusedLine = 20;

}  // namespace

void ChunkedBody::begin(std::size_t trailer_bytes) {
  trailer_bytes_ = trailer_bytes;
  chunk_left_ = 0;
  excess_ = 0;
  begin_lines(Section::chunk_size);
}

void ChunkedBody::begin_lines(Section section) {
  part_ = Part::lines;
  section_ = section;
  scanner_.begin(section, limit());
}

std::size_t ChunkedBody::limit() const {
  if (section_ == Section::chunk_size) return kMaxChunkLine;
  return section_ == Section::chunk_end ? kChunkEnd : trailer_bytes_;
}

ChunkedBody::Piece ChunkedBody::take(std::string_view bytes) {
  if (part_ == Part::data) {
    const std::string_view data =
        bytes.substr(0, std::min<std::uint64_t>(bytes.size(), chunk_left_));
    chunk_left_ -= data.size();
    if (chunk_left_ == 0) begin_lines(Section::chunk_end);
    return {.taken = data.size(), .data = data};
  }
  const bool is_trailer = is_in_trailers();
  const LineScanner::Scan scan = scanner_.scan(bytes);
  if (scan.outcome == Outcome::complete) {
    end_lines();
  } else if (scan.is_refused()) {
    refuse(scan);
  }
  Piece piece{.taken = scan.taken};
  if (is_trailer) piece.trailers = bytes.substr(0, scan.taken);
  return piece;
}

void ChunkedBody::end_lines() {
  if (section_ == Section::trailers) {
    part_ = Part::complete;
  } else if (section_ == Section::chunk_end) {
    begin_lines(Section::chunk_size);
  } else {
    end_size_line();
  }
}

void ChunkedBody::end_size_line() {
  const std::string_view digits = scanner_.chunk_digits();
  std::from_chars(digits.data(), digits.data() + digits.size(), chunk_left_, 16);
  if (is_mostly_lines(chunk_left_)) {
    refuse({Outcome::malformed, 0, "the lines before its chunks outweigh the chunks"});
  } else if (chunk_left_ == 0) {
    begin_lines(Section::trailers);
  } else {
    part_ = Part::data;
  }
}

void ChunkedBody::refuse(const LineScanner::Scan& fault) {
  fault_ = fault;
  part_ = Part::refused;
}

bool ChunkedBody::is_mostly_lines(std::uint64_t chunk) {
  excess_ += scanner_.size();
  excess_ -= std::min(excess_, kExcusedLine);
  excess_ -= std::min(excess_, chunk);
  return excess_ > kMaxExcess;
}

}  // namespace xtrace
