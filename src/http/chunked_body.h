#pragma once

/// `ChunkedBody` reads the chunked coding (RFC 9112 section 7.1) from bytes, split anywhere: of
/// requests and of responses.
///
/// A chunk's size is 1 to 16 hexadecimal digits, its line at most 4096 bytes; extensions are passed
/// over. Lines that outweigh the chunks they announce by more than 16 KiB are refused, as Go does
/// it: a peer could keep a reader busy with them for nothing.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/line_scanner.h"

namespace xtrace {

class ChunkedBody {
 public:
  /// What of the bytes was taken. At most one of the views is not empty.
  struct Piece {
    std::size_t taken = 0;
    std::string_view data{};      ///< Of a chunk.
    std::string_view trailers{};  ///< Their lines, the empty one that ends them included.
  };

  /// Begins a body whose trailers have at most `trailer_bytes`.
  void begin(std::size_t trailer_bytes);
  /// The next bytes, at least one. It takes what belongs to one part - a line, a chunk's data, the
  /// trailers - so that the caller sees each size before its data. Not to be called where the body
  /// is complete or refused.
  Piece take(std::string_view bytes);

  bool is_complete() const { return part_ == Part::complete; }
  bool is_refused() const { return part_ == Part::refused; }
  /// Of a chunk whose size is known and whose data has not come in full; else 0.
  std::uint64_t chunk_left() const { return chunk_left_; }
  bool is_in_trailers() const { return section_ == LineScanner::Section::trailers; }

  /// What was wrong, where it is refused, in which section, and that section's limit.
  const LineScanner::Scan& fault() const { return fault_; }
  LineScanner::Section section() const { return section_; }
  std::size_t limit() const;

 private:
  enum class Part { lines, data, complete, refused };

  void begin_lines(LineScanner::Section section);
  void end_lines();
  void end_size_line();
  void refuse(const LineScanner::Scan& fault);
  /// Whether the lines so far outweigh the chunks.
  bool is_mostly_lines(std::uint64_t chunk);

  Part part_ = Part::complete;
  LineScanner::Section section_ = LineScanner::Section::chunk_size;  // of the lines, or before data
  LineScanner scanner_;
  LineScanner::Scan fault_{};
  std::size_t trailer_bytes_ = 0;
  std::uint64_t chunk_left_ = 0;
  std::uint64_t excess_ = 0;  // bytes of lines beyond what their chunks' data excuses
};

}  // namespace xtrace
