#pragma once

/// Segment documents of 700 bytes in traces of one to four, each with ids of its own.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace xtrace::bench {

class NumberedDocuments {
 public:
  static constexpr std::size_t kSize = 700;

  /// `before` stands before the first byte of each; `size` is that of the document.
  explicit NumberedDocuments(std::string_view before, std::size_t size = kSize);

  /// The next one, valid until it is asked again. The documents of four neighbouring traces are
  /// mixed, as those of services that answer at once are.
  std::string_view next();

 private:
  std::uint64_t trace() const;

  std::string text_;
  std::size_t trace_at_;
  std::size_t id_at_;
  std::uint64_t count_ = 0;
};

}  // namespace xtrace::bench
